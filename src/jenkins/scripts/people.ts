import { z } from 'zod';
import { roles } from '../strategies/role-strategy/fragment.ts';
import { listOf } from './collection.ts';
import { personReply } from './person.ts';
import { script } from './script.ts';

/** State of the people named by exact id; `rest` was not reached within the budget (milliseconds). */
export const people = script(
  'people',
  [roles, new URL('./person.groovy', import.meta.url), new URL('./people.groovy', import.meta.url)],
  z.strictObject({ ids: z.array(z.string()), budget: z.int().positive() }),
  z.strictObject({ people: listOf(personReply), rest: listOf(z.string()) }),
);
