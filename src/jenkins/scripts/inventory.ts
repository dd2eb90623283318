import { z } from 'zod';
import { roles } from '../strategies/role-strategy/fragment.ts';
import { listOf } from './collection.ts';
import { personReply } from './person.ts';
import { script } from './script.ts';

/** Everyone with a saved record, by id in the order of UTF-16 units; `next` is the last id of a page that was not the last one. */
export const inventory = script(
  'inventory',
  [roles, new URL('./person.groovy', import.meta.url), new URL('./inventory.groovy', import.meta.url)],
  z.strictObject({ after: z.string().nullable(), limit: z.int().positive(), budget: z.int().positive() }),
  z.strictObject({ people: listOf(personReply), next: z.string().nullable() }),
);
