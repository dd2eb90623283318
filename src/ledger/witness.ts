import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables.ts';
import { parsed, tampering } from './record.ts';

/** A direct membership as it is stored. */
export interface StoredEdge {
  readonly group: string;
  /** SCIM id of a user or a group. */
  readonly member: string;
  /** The request that is said to have made it. */
  readonly request: string | null;
}

/**
 * Whether the last thing that was recorded about a membership is that this request made it, in a record that only the service
 * can have written. An edge that SQL put there has no such record; one that SQL put back has a later one that took it out.
 */
export async function witnessed(
  db: Kysely<Tables>,
  key: Uint8Array,
  { group, member, request }: StoredEdge,
): Promise<boolean> {
  if (request === null) return false;
  const row = await db
    .selectFrom('ledger')
    .selectAll()
    .where('subject_kind', '=', 'group')
    .where('subject_id', '=', group)
    .where('kind', '=', 'scim.group.members')
    .where('body', 'like', `%"${member}"%`)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined || row.request !== request || tampering(key, row) !== undefined) return false;
  const { added } = parsed(row.body) as { readonly added?: readonly string[] };
  return added?.includes(member) === true;
}
