import { z } from 'zod';
import { listOf } from '../../scripts/collection.ts';
import { roleType } from '../../scripts/person.ts';
import { script } from '../../scripts/script.ts';
import { wordOfEntry } from './entry.ts';
import { roles, saving } from './fragment.ts';
import { roleReply } from './role.ts';

const key = { type: roleType, name: z.string() };
const definition = {
  ...key,
  pattern: z.string(),
  template: z.string().nullable(),
  permissions: z.array(z.string()),
};

export const change = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('create'), ...definition }),
  z.strictObject({ op: z.literal('update'), ...definition }),
  z.strictObject({ op: z.literal('delete'), ...key }),
  /** All grants, or all revokes, of one role that follow each other in the batch. */
  z.strictObject({ op: z.literal('grant'), ...key, entries: z.array(wordOfEntry) }),
  z.strictObject({ op: z.literal('revoke'), ...key, entries: z.array(wordOfEntry) }),
]);

export type Change = z.output<typeof change>;

/**
 * One save for as many changes as fit the budget (milliseconds); `applied` counts them, the caller sends the others again
 * with the digests of `roles`, which holds every role that is named in a precondition and exists afterwards.
 */
export const apply = script(
  'apply',
  [roles, saving, new URL('./apply.groovy', import.meta.url)],
  z.strictObject({
    fence: z.int().nonnegative(),
    lineage: z.string(),
    preconditions: z.array(z.strictObject({ ...key, digest: z.string() })),
    changes: z.array(change),
    keepAdministrators: z.array(z.string()),
    budget: z.int().positive(),
  }),
  z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('done'),
      applied: z.int().nonnegative(),
      saves: z.int().nonnegative(),
      roles: listOf(roleReply),
    }),
    z.strictObject({ outcome: z.literal('fenced'), reason: z.string() }),
    z.strictObject({ outcome: z.literal('conflict'), reason: z.string() }),
    z.strictObject({ outcome: z.literal('lock-out'), reason: z.string() }),
    /** The change itself is impossible (unknown permission, bad regex); found before anything was touched. */
    z.strictObject({ outcome: z.literal('refused'), reason: z.string() }),
  ]),
);
