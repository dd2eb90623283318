import { z } from 'zod';
import { wordOfEntry } from '../strategies/role-strategy/entry.ts';
import { listOf } from './collection.ts';
import { instant } from './instant.ts';

export const roleType = z.enum(['global', 'item', 'agent']);

/** What somebody can act with, as the scripts tell it; becomes `PersonState`. */
export const personReply = z.strictObject({
  id: z.string(),
  /** The spelling Jenkins holds; null where there is no record. */
  record: z.string().nullable(),
  tokens: listOf(
    z.strictObject({ uuid: z.string(), name: z.string(), legacy: z.boolean(), lastUse: instant.nullable() }),
  ),
  sshKeys: z.int().nonnegative(),
  sshSessions: z.int().nonnegative(),
  password: z.boolean(),
  /** Somebody logged in since sessions were ended last; false where no seed could end them. */
  signedIn: z.boolean(),
  /** SHA-256 of the password's hash and of the session seed; null where there is no record on the disk. */
  marks: z.strictObject({ password: z.string(), seed: z.string() }).nullable(),
  credentials: z.int().nonnegative(),
  runningBuilds: z.int().nonnegative(),
  queuedBuilds: z.int().nonnegative(),
  entries: listOf(z.strictObject({ type: roleType, role: z.string(), entry: wordOfEntry })),
  /** Why not all of it could be read. */
  error: z.string().nullable(),
});

export type PersonReply = z.output<typeof personReply>;
