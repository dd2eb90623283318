import { inTurns, type Steps } from '../../access/breather.ts';
import type { Capabilities, Controller, PersonState } from '../../access/ports/controller.ts';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { stepDigest } from '../../plan/digest.ts';
import type { Ceiling } from '../../plan/guard/ceiling.ts';
import { verdictSteps } from '../../plan/guard/judge.ts';
import type { Claim, DirectoryPerson, IdentityMap } from '../../plan/identities.ts';
import { identitySteps } from '../../plan/identity.ts';
import type { Standing } from '../../plan/input.ts';
import type { Plan, Verdict } from '../../plan/plan.ts';
import { planSteps } from '../../plan/planner.ts';
import { protection } from '../../plan/protection.ts';
import { isLeaverStep, type Step } from '../../plan/step.ts';
import type { DebtsTable, HeldTable } from '../../store/tables/sync.ts';
import { timeOf } from '../clock/trustedTime.ts';
import { administratorsOf, mayLoseAdministrators, workingOf } from '../held/administrators.ts';
import { leftLately } from '../held/leftLately.ts';
import { grantsBefore, groupsBefore, holdersBefore } from '../held/populations.ts';
import { renamedLately, renamedSteps, stillRenamed } from '../held/renamed.ts';
import { suspectsOf } from '../held/suspects.ts';
import { unprovenOf } from '../held/unproven.ts';
import { neverRejected, vouchedFor } from '../held/vouched.ts';
import { heldWithoutRoles } from '../held/withoutRoles.ts';
import { reaches } from '../ids/reach.ts';
import { unmanagedOf } from '../ids/unmanaged.ts';
import { stillPaid } from '../leavers/cameBack.ts';
import { isReleased, unpaidNow } from '../leavers/unpaid.ts';
import { boundOf, withoutDeleted } from '../policy/bound.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import type { SyncContext } from '../state/context.ts';
import { claimOf, debtOf, eventOf, ownershipOf } from '../state/rows.ts';
import { heldLike } from '../state/stored.ts';
import type { Assessment, Live } from './assessment.ts';
import { takesIdentity } from './decided.ts';
import { primaryOf, readSituation, type Scope, type Situation } from './situation.ts';

export interface AssessOptions {
  readonly by: 'automatic' | 'operator';
  readonly policy: PolicyInForce;
  /** Which identity mapping counts; an operator takes the configured one into force unless it is said otherwise. */
  readonly identity?: 'applied' | 'configured';
  /** People of `leaver --now`. */
  readonly exempt?: ReadonlySet<string>;
  /** `stepDigest`s that are released beside the stored ones. */
  readonly released?: ReadonlySet<string>;
  /** What the controller said of ids that owe something, by folded id. */
  readonly states?: ReadonlyMap<string, PersonState>;
  /** Ids other than the service's that are known to work. */
  readonly workingAdministrators?: readonly string[];
  /** As if this were the mode; for tests of a switch. */
  readonly mode?: ControllerConfig['mode'];
}

/** As `assess`; where an administrator may be lost by it, the controller is asked who of them is known to work (semantics §5, ladder 2). */
export async function assessAsking(
  context: SyncContext,
  config: ControllerConfig,
  controller: Controller,
  live: Live,
  scope: Scope,
  options: AssessOptions,
): Promise<Assessment> {
  const assessed = await assess(context, config, live, scope, options);
  const ids = live.capabilities.userIds;
  const administrators = administratorsOf(live.observed, config.user, ids);
  if (!mayLoseAdministrators(assessed.plan, administrators, ids)) return assessed;
  const workingAdministrators = await workingOf(controller, administrators, config.breakGlass, ids);
  return assess(context, config, live, scope, { ...options, workingAdministrators });
}

/** Reads what is stored and computes plan and verdict; the same code for dry runs, operators and the service itself. */
export async function assess(
  context: SyncContext,
  controller: ControllerConfig,
  live: Live,
  scope: Scope,
  options: AssessOptions,
): Promise<Assessment> {
  const { config, store, facts: reader, witness } = context;
  const time = await timeOf(context);
  const ids = live.capabilities.userIds;
  const guarded = protection(controller, live.capabilities);
  const reached = reaches(config, controller.name);
  const clockOff = controllerClockOff(live.capabilities, context.clock.now());
  return store.read(async (db, breathe) => {
    const identity = options.identity ?? (options.by === 'operator' ? 'configured' : 'applied');
    const asked = { config, controller, reader, witness, policy: options.policy, ids, now: time.now, identity };
    const all = await readSituation(db, asked, scope, breathe);
    const read = live.observed.unread === undefined ? all : { ...all, held: heldWithoutRoles(all.held) };
    const { people, standing, connections, claims } = await inTurns(indexSteps(read, ids), breathe);
    const { debts: done, back } = await stillPaid(db, read, breathe);
    const steps = identitySteps({
      people: read.facts.people,
      tombstones: read.tombstones,
      claims,
      passed: read.passed,
      identity: read.identity,
      ids,
      isProtected: guarded.user,
      primary: primaryOf(config),
      reaches: reached,
      paid: done.map(owner),
      released: read.debts.filter(isReleased).map(owner),
      owing: read.owing.map(owner),
    });
    const identities = await inTurns(steps, breathe);
    await breathe();
    const target = { name: controller.name, labels: controller.labels, catalogue: live.capabilities.permissions };
    const evaluation = options.policy.evaluate(read.facts, target);
    const newest = options.policy.newest?.evaluate(read.facts, target);
    await breathe();
    const bound = boundOf(read.facts.bindings, evaluation);
    const suspects = await suspectsOf(db, options.policy.excepting);
    const unpaid = unpaidNow(read.debts, identities, back);
    const mode = options.mode ?? controller.mode;
    const planned = planSteps({
      controller,
      capabilities: live.capabilities,
      observed: live.observed,
      desired: { ...evaluation, frozen: withoutDeleted(evaluation.frozen, bound), following: evaluation.frozen },
      identities,
      standing,
      ownership: ownershipOf(read.entries, read.roles, suspects.gave),
      debts: unpaid.map((row) => debtOf(row, ids, options.states, config.leaver.unentitledGrace)),
      leaver: config.leaver,
      scope: read.whom,
      except: read.except,
      adding: mode === 'add-only' && options.by === 'automatic',
      decided: new Set([
        ...read.held.flatMap(({ state, step_key }) => (state === 'held' ? [] : [step_key])),
        ...(options.released ?? []),
      ]),
      now: time.now,
    });
    const made = await inTurns(planned, breathe);
    await breathe();
    const plan = { ...made, unmanaged: await unmanagedOf(db, made, read.whom, breathe) };
    const found = [...read.held, ...(await heldLike(db, controller.name, read.held, plan.steps, breathe))];
    const unsaid = await neverRejected(db, plan, found, witness, breathe);
    const stored = found.map((row): HeldTable => (unsaid.has(row.step_key) ? { ...row, state: 'held' } : row));
    const situation: Situation = { ...read, held: stored };
    const applied = takesIdentity({ situation, controller });
    const renamed = await inTurns(renamedSteps({ identities, claims, debts: read.debts, applied }), breathe);
    const held = stillRenamed(await vouchedFor(db, plan, stored, witness, time.now), renamed, ids);
    const windowStart = time.now - config.guard.losses.window;
    const { disableUsers, renameUsers } = config.guard.losses;
    const left = await leftLately(db, { plan, connections, windowStart, ceiling: disableUsers }, breathe);
    const asRenamed = { controller: controller.name, renamed, windowStart, ceiling: renameUsers };
    const lately = await renamedLately(db, asRenamed, breathe);
    const history = [...situation.events, ...left.events, ...lately.events].map(eventOf);
    const known = {
      people: new Map([...lately.people, ...left.people]),
      counted: new Map([...lately.counted, ...left.counted]),
    };
    const rejected = new Set(held.filter(({ state }) => state === 'rejected').map(({ step_key }) => step_key));
    const groups = await groupsBefore(db, plan, windowStart, bound, read.facts);
    const holders = await inTurns(holdersBefore(plan, read, standing, connections, reached), breathe);
    const bindings = [...read.facts.bindings, ...evaluation.bind];
    const { excepting } = options.policy;
    const unproven = await unprovenOf(db, plan, { bindings, excepting }, witness, breathe);
    const judged = (grants: number): Promise<Verdict> => {
      const steps = verdictSteps({
        plan,
        observed: live.observed,
        capabilities: live.capabilities,
        owners: identities.owners,
        uncut: read.owing.filter(({ state }) => state === 'held').map(owner),
        freed: read.debts.filter(isReleased).map(owner),
        renamed,
        mode,
        by: options.by,
        config: config.guard,
        history: history.filter((event) => event.kind !== 'grant-lost' || event.controller === controller.name),
        populations: { ...known, grants, groups, holders },
        connections,
        reaches: reached,
        activeAgain: left.activeAgain,
        waiting: new Map(held.filter(goesOnWaiting).map(({ step_key, ceiling }) => [step_key, ceiling])),
        rejected,
        strangers: strangersIn(plan, held, read.debts),
        released: new Set([
          ...held.filter(({ state }) => state === 'released').map(({ step_key }) => step_key),
          ...[...(options.released ?? [])].filter((key) => !rejected.has(key)),
        ]),
        exempt: options.exempt ?? new Set(),
        suspects: suspects.gain,
        unproven,
        ...(newest === undefined ? {} : { newest: { ...newest, idOf: (person) => idIn(identities, person) } }),
        service: controller.user,
        workingAdministrators: options.workingAdministrators ?? [],
        timeTrusted: time.trusted && clockOff === undefined,
        hasRoom: context.hasRoom?.() ?? true,
        now: time.now,
      });
      return inTurns(steps, breathe);
    };
    // Grants are counted only where it matters: what the lowest ceiling lets through, a higher one does.
    const least = await judged(0);
    const verdict = least.held.some(({ ceiling }) => ceiling === 'losses.revokeGrants')
      ? await judged(await grantsBefore(db, controller.name, situation.events, windowStart))
      : least;
    const { by } = options;
    const assessed = {
      ...{ by, controller, situation, back, evaluation, identities, standing, left },
      ...{ people, plan, verdict, suspects: suspects.gain, live, time, unsaid },
    };
    return clockOff === undefined ? assessed : { ...assessed, clockOff };
  });

  function owner({ person, id }: Pick<DebtsTable, 'person' | 'id'>): { person: string; foldedId: string } {
    return { person, foldedId: foldId(id, ids) };
  }
}

/** People and claims that are looked through in one step. */
const A_STEP = 2_500;

interface Index {
  readonly people: ReadonlyMap<string, DirectoryPerson>;
  readonly standing: ReadonlyMap<string, Standing>;
  readonly connections: ReadonlyMap<string, string>;
  readonly claims: readonly Claim[];
}

/** What is known of people, by id. */
function* indexSteps({ facts, tombstones, claims: rows }: Situation, ids: IdStrategy): Steps<Index> {
  const people = new Map<string, DirectoryPerson>();
  const standing = new Map<string, Standing>();
  const connections = new Map<string, string>();
  const claims: Claim[] = [];
  const note = (person: DirectoryPerson, stands: Standing): void => {
    people.set(person.id, person);
    standing.set(person.id, stands);
    connections.set(person.id, person.connection);
  };
  for (let at = 0; at < facts.people.length; at += A_STEP) {
    for (const person of facts.people.slice(at, at + A_STEP)) note(person, person.active ? 'active' : 'inactive');
    yield;
  }
  for (const person of tombstones) note({ ...person, active: false }, 'deleted');
  for (let at = 0; at < rows.length; at += A_STEP) {
    yield;
    for (const row of rows.slice(at, at + A_STEP)) claims.push(claimOf(row, ids));
  }
  return { people, standing, connections, claims };
}

function idIn({ people }: IdentityMap, person: string): string | undefined {
  const identity = people.get(person);
  return identity === undefined || 'none' in identity ? undefined : identity.id;
}

/** These end with what they wait for, the deletion of a group or an older policy, not only by release: they are judged anew. */
const ENDS: ReadonlySet<string> = new Set<Ceiling>(['bound-group', 'older-policy']);

function goesOnWaiting({ state, ceiling }: HeldTable): boolean {
  return state === 'rejected' || (state === 'held' && !ENDS.has(ceiling));
}

/** Who owes the steps of somebody else who waits, because both had one id, and does not wait. */
function strangersIn(plan: Plan, held: readonly HeldTable[], debts: readonly DebtsTable[]): ReadonlySet<string> {
  const of = new Map(held.map((row) => [row.step_key, row]));
  const found = new Set<string>();
  if (of.size === 0) return found;
  const waiting = new Set(debts.flatMap(({ state, person }) => (state === 'held' ? [person] : [])));
  for (const step of plan.steps) {
    if (!isLeaverStep(step) || waiting.has(step.person)) continue;
    const row = of.get(stepDigest(step));
    if (row !== undefined && (JSON.parse(row.step) as Step).person !== step.person) found.add(step.person);
  }
  return found;
}

const CLOCK_TOLERANCE_MS = 300_000;

/** More than 5 minutes off: expiries there are held (semantics §6). Judged against when the probe was made. */
function controllerClockOff(
  capabilities: Capabilities & { readonly readAt?: number },
  now: number,
): number | undefined {
  const off = capabilities.time - (capabilities.readAt ?? now);
  return Math.abs(off) > CLOCK_TOLERANCE_MS ? off : undefined;
}
