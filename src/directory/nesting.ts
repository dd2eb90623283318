import { refuse } from '../errors.ts';
import type { Tx } from '../store/store.ts';
import { idSet } from './idSet.ts';

/**
 * Refuses groups in groups that are deeper than `limit` levels; runs after the edges are stored, and only where one of the
 * new members is a group. Cycles are harmless: a level counts the shortest way. @throws ScimError SCIM_QUOTA
 */
export async function requireNesting(tx: Tx, group: string, limit: number): Promise<void> {
  const above = await levels([group], limit, (ids) =>
    tx.db.selectFrom('members').select('group_id as id').where('member_id', 'in', idSet(ids)).execute(),
  );
  const below = await levels([group], limit, (ids) =>
    tx.db
      .selectFrom('members')
      .select('member_id as id')
      .where('group_id', 'in', idSet(ids))
      .where('kind', '=', 'Group')
      .execute(),
  );
  if (above + below > limit) throw refuse('SCIM_QUOTA', { limit, what: 'levels of groups in groups' });
}

/** How many steps it takes to reach everything, at most `limit` + 1. */
async function levels(
  start: readonly string[],
  limit: number,
  step: (ids: readonly string[]) => Promise<readonly { readonly id: string }[]>,
): Promise<number> {
  const seen = new Set(start);
  let frontier = start;
  for (let level = 0; level <= limit; level++) {
    const next = new Set((await step(frontier)).map((row) => row.id).filter((id) => !seen.has(id)));
    if (next.size === 0) return level;
    for (const id of next) seen.add(id);
    frontier = [...next];
  }
  return limit + 1;
}
