import type { Kysely } from 'kysely';
import { inTurns, type Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import type { Breathe } from '../../access/ports/store.ts';
import type { Done, Rejection, Release, Witness } from '../../ledger/witness.ts';
import { stepDigest } from '../../plan/digest.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Step } from '../../plan/step.ts';
import type { HeldTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { GAIN_RECORDS } from '../pass/outcome.ts';

/**
 * Of the steps that rows call rejected, those of which no record says so: they wait, and are listed, as before. Whoever can write to the
 * database alone must not make it silent that somebody who left waits. A release that was said later counts for more. Neither is a
 * rejection about somebody one about who has the id now, whose step is the same but for the person.
 */
export async function neverRejected(
  db: Kysely<Tables>,
  { controller, steps }: Pick<Plan, 'controller' | 'steps'>,
  held: readonly HeldTable[],
  witness: Witness,
  breathe: Breathe,
): Promise<ReadonlySet<string>> {
  const rejected = held.filter(({ state }) => state === 'rejected');
  if (rejected.length === 0) return new Set();
  const rejections = await witness.rejections(db, controller, breathe);
  const releases = rejections.length === 0 ? [] : await witness.releases(db, controller);
  return inTurns(unsaidOf(steps, rejected, rejections, releases), breathe);
}

function* unsaidOf(
  steps: readonly Step[],
  rejected: readonly HeldTable[],
  rejections: readonly Rejection[],
  releases: readonly Release[],
): Steps<Set<string>> {
  const byStep = new Map<string, Rejection>();
  const byDigest = new Map<string, Rejection>();
  const named = new Map<Rejection, ReadonlySet<string>>();
  yield* inSteps(rejections, (one) => {
    named.set(one, new Set(one.named));
    if (one.keys === undefined && !byDigest.has(one.digest)) byDigest.set(one.digest, one);
    for (const key of one.keys ?? []) if (!byStep.has(key)) byStep.set(key, one);
  });
  const letThrough = new Map<string, number>();
  yield* inSteps(releases, ({ id, keys }) => {
    for (const key of keys) if (!letThrough.has(key)) letThrough.set(key, id);
  });
  const wanted = new Map(rejected.map(({ step_key }) => [step_key, new Set<string | undefined>()]));
  yield* inSteps(steps, (step) => {
    wanted.get(stepDigest(step))?.add(step.person);
  });
  const unsaid = new Set<string>();
  yield* inSteps(rejected, ({ step_key, digest, step }) => {
    const said = byStep.get(step_key) ?? byDigest.get(digest);
    const { person } = JSON.parse(step) as Step;
    const about =
      said !== undefined && (person === undefined || named.get(said)!.has(person) || said.people > said.named.length);
    const others = wanted.get(step_key)!;
    const isOthers = others.size > 0 && !others.has(person);
    if (!about || isOthers || (letThrough.get(step_key) ?? 0) > said.id) unsaid.add(step_key);
  });
  return unsaid;
}

/** A step that a row says was released, with the record that says so too. */
interface Told {
  readonly key: string;
  readonly step: Step;
  readonly release: Release;
}

/** How long a release of a gain counts that was not carried out. */
const RELEASE_MS = 86_400_000;

/**
 * What waits, with the releases that a record tells of: a row that says so without one goes on waiting, for whoever can write to the
 * database alone must not let anything through (security.md). A record counts for the very steps it names and for these people, until what
 * it lets through was done; one of a gain for a day: what an operator said then must not be there for SQL to use for ever. Losses need no
 * such care, for who can write to the database can have those anyhow, and leavers must not wait again because a controller was down.
 * @param now milliseconds since the epoch
 */
export async function vouchedFor(
  db: Kysely<Tables>,
  { controller, steps }: Pick<Plan, 'controller' | 'steps'>,
  held: readonly HeldTable[],
  witness: Witness,
  now: number,
): Promise<readonly HeldTable[]> {
  const released = new Set(held.flatMap(({ state, step_key }) => (state === 'released' ? [step_key] : [])));
  if (released.size === 0) return held;
  const isLate = ({ step, release }: Told): boolean => step.kind in GAIN_RECORDS && !(now - release.at < RELEASE_MS);
  const told = toldOf(steps, released, await witness.releases(db, controller)).filter((one) => !isLate(one));
  const since = Math.min(...told.map(({ release }) => release.id));
  const people = new Set(told.flatMap(({ step }) => step.person ?? []));
  const done = told.length === 0 ? [] : await witness.doneSince(db, controller, [...people], since);
  const latest = new Map<string, number>();
  for (const one of done) for (const name of namesOf(one)) latest.set(name, Math.max(one.id, latest.get(name) ?? 0));
  const spent = ({ step, release }: Told): boolean =>
    gainsOf(step).some((name) => (latest.get(name) ?? 0) > release.id);
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

/** Names what somebody gains by a step: it is let through once. */
function gainsOf(step: Step): string[] {
  const kind = GAIN_RECORDS[step.kind];
  if (kind === undefined || !('role' in step)) return [];
  const whose = step.person === undefined ? {} : { person: step.person };
  const rules = step.reasons.map(({ rule }) => rule);
  return namesOf({ kind, ...whose, rules, role: `${step.role.type}:${step.role.name}` });
}

/** Of an account that the policy names a record does not tell which one it is: the rules do. */
function namesOf({ kind, person, rules, role }: Omit<Done, 'id'>): string[] {
  const whose = person === undefined ? rules.map((rule) => `rule ${rule}`) : [person];
  return whose.map((who) => `${kind}\u0000${who}\u0000${role}`);
}
