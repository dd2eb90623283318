import type { Kysely } from 'kysely';
import type { Done, Release, Witness } from '../ledger/witness.ts';
import { stepDigest } from '../plan/digest.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import type { HeldTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import { GAIN_RECORDS } from './outcome.ts';

/** A step that a row says was released, with the record that says so too. */
interface Told {
  readonly key: string;
  readonly step: Step;
  readonly release: Release;
}

/**
 * What waits, with the releases that a record tells of: a row that says so without one goes on waiting, for whoever can write to the
 * database alone must not let anything through (security.md). A record counts for the very steps it names and for these people, until what
 * it lets through was done.
 */
export async function vouchedFor(
  db: Kysely<Tables>,
  { controller, steps }: Pick<Plan, 'controller' | 'steps'>,
  held: readonly HeldTable[],
  witness: Witness,
): Promise<readonly HeldTable[]> {
  const released = new Set(held.flatMap(({ state, step_key }) => (state === 'released' ? [step_key] : [])));
  if (released.size === 0) return held;
  const told = toldOf(steps, released, await witness.releases(db, controller));
  const since = Math.min(...told.map(({ release }) => release.id));
  const people = new Set(told.flatMap(({ step }) => step.person ?? []));
  const done = told.length === 0 ? [] : await witness.doneSince(db, controller, [...people], since);
  const latest = new Map<string, number>();
  for (const one of done) latest.set(nameOf(one), Math.max(one.id, latest.get(nameOf(one)) ?? 0));
  const spent = ({ step, release }: Told): boolean => (latest.get(gainOf(step) ?? '') ?? 0) > release.id;
  const vouched = new Set(told.filter((one) => !spent(one)).map(({ key }) => key));
  return held.map((row) => (row.state === 'released' && !vouched.has(row.step_key) ? { ...row, state: 'held' } : row));
}

/** Of the steps with these digests, those that a record names, with the newest one that does. */
function toldOf(steps: readonly Step[], released: ReadonlySet<string>, releases: readonly Release[]): Told[] {
  const byKey = new Map<string, Release>();
  for (const release of releases) for (const key of release.keys) if (!byKey.has(key)) byKey.set(key, release);
  return steps.flatMap((step): Told[] => {
    const key = stepDigest(step);
    const release = released.has(key) ? byKey.get(key) : undefined;
    if (release === undefined) return [];
    return step.person === undefined || release.named.includes(step.person) ? [{ key, step, release }] : [];
  });
}

/**
 * Names what somebody gains by a step: it is let through once. Losses need no such care, for who can write to the database can have those
 * anyhow; of accounts that the policy names a record does not tell which one it was.
 */
function gainOf(step: Step): string | undefined {
  const kind = GAIN_RECORDS[step.kind];
  if (kind === undefined || !('role' in step) || (step.kind === 'grant' && step.person === undefined)) return undefined;
  const whose = step.person === undefined ? {} : { person: step.person };
  return nameOf({ kind, ...whose, role: `${step.role.type}:${step.role.name}` });
}

function nameOf({ kind, person, role }: Omit<Done, 'id'>): string {
  return `${kind}\u0000${person ?? ''}\u0000${role}`;
}
