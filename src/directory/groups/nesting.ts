import { refuse } from '../../errors.ts';
import type { Tx } from '../../store/store.ts';
import { idSet } from './idSet.ts';

/**
 * Refuses groups in groups that are deeper than `limit` levels; runs after the edges are stored, and only where one of the
 * new members is a group. A level counts the shortest way, and a cycle counts once. @throws ScimError SCIM_QUOTA
 */
export async function requireNesting(tx: Tx, group: string, limit: number): Promise<void> {
  const seen = new Set([group]);
  const above = await levels(group, seen, limit, (ids) =>
    tx.db.selectFrom('members').select('group_id as id').where('member_id', 'in', idSet(ids)).execute(),
  );
  const below = await levels(group, seen, limit - above, (ids) =>
    tx.db
      .selectFrom('members')
      .select('member_id as id')
      .where('group_id', 'in', idSet(ids))
      .where('kind', '=', 'Group')
      .execute(),
  );
  if (above + below > limit) throw refuse('SCIM_QUOTA', { limit, what: 'levels of groups in groups' });
}

/** How many steps it takes from a group to everything that is not `seen` yet, at most `limit` + 1. */
async function levels(
  start: string,
  seen: Set<string>,
  limit: number,
  step: (ids: readonly string[]) => Promise<readonly { readonly id: string }[]>,
): Promise<number> {
  let frontier = [start];
  for (let level = 0; level <= limit; level++) {
    frontier = [...new Set((await step(frontier)).map((row) => row.id))].filter((id) => !seen.has(id));
    if (frontier.length === 0) return level;
    for (const id of frontier) seen.add(id);
  }
  return limit + 1;
}
