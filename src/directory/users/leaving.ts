import type { Tx } from '../../store/store.ts';
import { idSet } from '../groups/idSet.ts';

/** Takes a user or a group out of every group it is a direct member of; their ids. Each of them gets a new version. */
export async function leaveGroups(tx: Tx, member: string, at: string): Promise<string[]> {
  const edges = await tx.db.deleteFrom('members').where('member_id', '=', member).returning('group_id').execute();
  const groups = edges.map((edge) => edge.group_id);
  if (groups.length > 0)
    await tx.db
      .updateTable('groups')
      .set((e) => ({ member_count: e('member_count', '-', 1), version: e('version', '+', 1), modified_at: at }))
      .where('id', 'in', idSet(groups))
      .execute();
  return groups;
}
