import type { Kysely } from 'kysely';
import type { StoredEdge } from '../ledger/witness.ts';
import { stepDigest } from '../plan/digest.ts';
import type { Plan } from '../plan/plan.ts';
import type { Tables } from '../store/tables.ts';

/** Tells whether an edge was made by a request that the ledger knows. */
export type Witness = (db: Kysely<Tables>, edge: StoredEdge) => Promise<boolean>;

/** Groups in groups are followed this far, as the directory allows them. */
const DEPTH = 11;

/**
 * Steps (`stepDigest`) that would make somebody an administrator by a membership of which no verifying record tells: whoever
 * can write to the database alone must not become one (security.md), nor by saying there that it had been so before: a repair needs
 * the record, too.
 */
export async function unprovenOf(db: Kysely<Tables>, { steps }: Plan, witness: Witness): Promise<Set<string>> {
  const unproven = new Set<string>();
  for (const step of steps) {
    if (step.kind !== 'grant' || !step.administrative || step.person === undefined) continue;
    const groups = step.reasons.map(({ groupId }) => groupId);
    // A rule that names the person rests on the policy alone.
    if (groups.includes(undefined)) continue;
    if (!(await leads(db, step.person, new Set(groups), witness))) unproven.add(stepDigest(step));
  }
  return unproven;
}

/** Whether a way of edges that are all witnessed leads from a person to one of the groups. */
async function leads(
  db: Kysely<Tables>,
  person: string,
  groups: ReadonlySet<string | undefined>,
  witness: Witness,
): Promise<boolean> {
  const seen = new Set([person]);
  let level = [person];
  for (let depth = 0; level.length > 0 && depth < DEPTH; depth++) {
    const edges = await db
      .selectFrom('members')
      .select(['group_id as group', 'member_id as member', 'request'])
      .where('member_id', 'in', level)
      .execute();
    level = [];
    for (const edge of edges) {
      if (seen.has(edge.group) || !(await witness(db, edge))) continue;
      if (groups.has(edge.group)) return true;
      seen.add(edge.group);
      level.push(edge.group);
    }
  }
  return false;
}
