import { z } from 'zod';
import { roles } from '../strategies/role-strategy/fragment.ts';
import { listOf } from './collection.ts';
import { instant } from './instant.ts';
import { script } from './script.ts';

const credentials = z.strictObject({
  id: z.string(),
  record: z.string(),
  tokens: listOf(
    z.strictObject({
      uuid: z.string(),
      name: z.string(),
      legacy: z.boolean(),
      created: instant.nullable(),
      lastUse: instant.nullable(),
    }),
  ),
  tokenCount: z.int().nonnegative(),
  sshKeys: listOf(z.strictObject({ type: z.string(), fingerprint: z.string().nullable() })),
  sshKeyCount: z.int().nonnegative(),
  sshSessions: z.int().nonnegative(),
  password: z.boolean(),
  credentials: z.int().nonnegative(),
  error: z.string().nullable(),
});

/**
 * What ids hold, of those that have a record. `rest` was not reached within the budget (milliseconds), or because so many
 * people, tokens and keys were `named`; `shown`: tokens and keys of one person that are named.
 */
export const older = script(
  'older',
  [roles, new URL('./person.groovy', import.meta.url), new URL('./older.groovy', import.meta.url)],
  z.strictObject({
    ids: z.array(z.string()),
    budget: z.int().positive(),
    shown: z.int().positive(),
    named: z.int().positive(),
  }),
  z.strictObject({ known: listOf(credentials), rest: listOf(z.string()) }),
);

export type OlderReply = z.output<typeof credentials>;
