import type { Kysely } from 'kysely';
import type { Release, Witness } from '../ledger/witness.ts';
import type { Step } from '../plan/step.ts';
import type { HeldTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import { NAMED } from './decided.ts';

/**
 * What waits, with the releases that a record tells of: a row that says so without one goes on waiting, for whoever can write to the
 * database alone must not let anything through (security.md).
 */
export async function vouchedFor(
  db: Kysely<Tables>,
  controller: string,
  held: readonly HeldTable[],
  witness: Witness,
): Promise<readonly HeldTable[]> {
  if (held.every(({ state }) => state !== 'released')) return held;
  const releases = await witness.releases(db, controller);
  return held.map((row) =>
    row.state === 'released' && !releases.some((release) => tellsOf(release, row)) ? { ...row, state: 'held' } : row,
  );
}

/** A record names so many people and roles at most, and says how many people there were. */
function tellsOf({ at, people, named, roles }: Release, { since, step: text }: HeldTable): boolean {
  const step = JSON.parse(text) as Step;
  const person = step.person === undefined || named.includes(step.person) || people > named.length;
  const role = !('role' in step) || roles.includes(`${step.role.type}:${step.role.name}`) || roles.length >= NAMED;
  return at >= since && person && role;
}
