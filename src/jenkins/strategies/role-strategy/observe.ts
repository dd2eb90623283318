import { z } from 'zod';
import { listOf } from '../../scripts/collection.ts';
import { script } from '../../scripts/script.ts';
import { roles } from './fragment.ts';
import { roleReply } from './role.ts';

/** `strategy` is the class name; where it is not role-strategy, `roles` is null. */
export const observe = script(
  'observe',
  [roles, new URL('./observe.groovy', import.meta.url)],
  z.strictObject({}),
  z.strictObject({ strategy: z.string(), roles: listOf(roleReply).nullable(), fingerprint: z.string() }),
);
