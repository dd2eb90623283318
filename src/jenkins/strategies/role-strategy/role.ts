import { z } from 'zod';
import { textsOf } from '../../scripts/collection.ts';
import { roleType } from '../../scripts/person.ts';
import { wordsOfEntries } from './entry.ts';

/** A role as the scripts tell it; becomes `ObservedRole`. Permissions and entries are sorted by UTF-16 units. */
export const roleReply = z.strictObject({
  type: roleType,
  name: z.string(),
  pattern: z.string(),
  template: z.string().nullable(),
  permissions: textsOf(),
  entries: wordsOfEntries,
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

export type RoleReply = z.output<typeof roleReply>;
