import type { Controller, Observed } from '../../access/ports/controller.ts';
import { foldId } from '../../access/principal.ts';
import { batchOf } from '../../plan/batch.ts';
import { modeRecord } from '../configured/configured.ts';
import { administratorsOf, mayLoseAdministrators } from '../held/administrators.ts';
import { FleetMoved } from '../held/fleetGains.ts';
import { type NewlyHeld, spendReleases } from '../held/heldSteps.ts';
import { STALE, sameStrategy } from '../ids/sameStrategy.ts';
import type { Lease } from '../lease/lease.ts';
import { keptBy } from '../leavers/residue.ts';
import { stoppedBy } from '../orders/stopped.ts';
import { type Pending, pendingDone } from '../pace/distribute.ts';
import type { SyncContext } from '../state/context.ts';
import { type Work, writeInParts } from '../state/parts.ts';
import type { Assessment } from './assessment.ts';
import { cutRun } from './cutRun.ts';
import { heldRecord, identityRecord, idleRecord, takenOverRecord, takesIdentity } from './decided.ts';
import { closeIntents, type Intended, intended, intentWorks } from './intents.ts';
import type { Origin } from './origin.ts';
import { actorOf, operatorOf, outcomeWorks, type Settled } from './outcome.ts';
import type { Performed, RunResult, Settlement } from './performed.ts';
import { prepareWorks } from './prepare.ts';
import { isVerified, observedAfter, onePerId, rolesByKey, runsOf } from './runs.ts';
import { traced } from './traced.ts';

interface PerformOptions {
  /** Marks this pass answers; removed when everything that could be done is done. */
  readonly pending: readonly Pending[];
  readonly origins: ReadonlyMap<string, Origin>;
  /** Asked before each batch, with how many runs went before it: whether somebody left since, who goes first. */
  readonly urgent?: (done: number) => Promise<boolean>;
  /** Told of each run as soon as it is stored, so that a failure of a later one loses none of it. */
  readonly settled?: (run: Settlement) => void;
  /** Shows progress. */
  readonly say?: (text: string) => void;
}

/**
 * Carries a verdict out: intents and ownership are stored, then the controller is called run by run, then what was read back
 * is stored (semantics §4).
 */
export async function perform(
  context: SyncContext,
  controller: Controller,
  lease: Lease,
  assessed: Assessment,
  options: PerformOptions,
): Promise<Performed> {
  const { random } = context;
  const { userIds } = assessed.live.capabilities;
  const steps = onePerId(assessed.verdict.go, (id) => foldId(id, userIds));
  const runs = runsOf(steps, context.largestRun).map((run) => intended(run, random.id()));
  const name = assessed.controller.name;
  try {
    await prepare(context, lease, assessed, runs, options);
  } catch (error) {
    if (!(error instanceof FleetMoved)) throw error;
    const stopped = { kind: 'conflict' as const, reason: error.message };
    return { ...NOTHING, held: assessed.verdict.held.length, observed: assessed.live.observed, stopped };
  }
  let observed = assessed.live.observed;
  let verified = 0;
  let failed = 0;
  let changed = false;
  for (const [index, run] of runs.entries()) {
    const stopped = await stopBefore(context, assessed, { run, index, urgent: options.urgent });
    if (stopped !== undefined) {
      await abandon(context, runs.slice(index), stopped.reason);
      return { verified, failed, held: assessed.verdict.held.length, observed, stopped, changed };
    }
    options.say?.(`${name}: ${run.steps.length} step(s)`);
    const last = index === runs.length - 1;
    const done = last ? options.pending : [];
    const known = observed;
    const result = await traced(context, { controller: name, ...run }, options.pending, () =>
      run.kind === 'cut'
        ? cutRun(context, controller, lease, assessed, run, known, done)
        : batchRun(context, controller, lease, assessed, run, known, done),
    ).catch((error: unknown) => {
      // It may have had its effect all the same.
      options.settled?.({ verified: 0, failed: 0, recheck: true });
      throw error;
    });
    verified += result.verified;
    failed += result.failed;
    changed ||= result.changed;
    options.settled?.(result);
    if (result.stopped !== undefined) {
      await abandon(context, runs.slice(index + 1), result.stopped.reason);
      return { verified, failed, held: assessed.verdict.held.length, stopped: result.stopped, changed };
    }
    observed = result.observed;
  }
  if (failed === 0) await spendReleases(context.store, assessed, steps);
  return { verified, failed, held: assessed.verdict.held.length, observed, changed };
}

interface Next {
  readonly run: Intended;
  readonly index: number;
  readonly urgent: PerformOptions['urgent'] | undefined;
}

/**
 * Why a run is not begun: the controller is to be left alone by now, or somebody comes first. Before the first of them it is looked whether a
 * standby has taken over: what it follows from may have been read there, and it may not have heard who left.
 */
async function stopBefore(
  { store, lookBack }: SyncContext,
  { controller }: Assessment,
  { run, index, urgent }: Next,
): Promise<Performed['stopped']> {
  if (index === 0) await lookBack?.();
  const reason = await store.read((db) => stoppedBy(db, controller));
  if (reason !== undefined) return { kind: 'paused', reason };
  if (run.kind !== 'batch' || (await urgent?.(index)) !== true) return undefined;
  return { kind: 'interrupted', reason: 'somebody left, who goes first' };
}

const NOTHING = { verified: 0, failed: 0, changed: false } as const;

/** Everything that is stored before the first effect; in one transaction where it is small. */
async function prepare(
  context: SyncContext,
  { fence }: Lease,
  assessed: Assessment,
  runs: readonly Intended[],
  { origins, pending }: PerformOptions,
): Promise<void> {
  const { store, clock, log, meter, random, recorder } = context;
  const now = clock.now();
  const controller = assessed.controller.name;
  const { guard, leaver } = context.config;
  const kept = keptBy(leaver);
  const waits = new Map<string, NewlyHeld>();
  const prepared = prepareWorks(assessed, {
    ...{ now, origins, leaver, guard, id: () => random.id() },
    cancelled: (tx, { person, id, cause }) =>
      recorder.record(tx, {
        kind: `${cause}.cancelled`,
        actor: 'sync',
        subject: { kind: 'user', id: person },
        body: { controller },
        personal: { jenkinsId: id },
      }),
    taken: (tx, links) =>
      recorder.recordAll(
        tx,
        links.map((link) => takenOverRecord(controller, link)),
      ),
    held: (tx, held) => {
      waits.set(held.ceiling, held);
      return recorder.record(tx, heldRecord(controller, held));
    },
    idle: (tx, debt) =>
      recorder.record(tx, idleRecord(assessed, debt, { now, kept, actor: actorOf(context, assessed) })),
  });
  const seen: Work = {
    rows: 0,
    async run(tx) {
      const mode = modeRecord(assessed.controller, assessed.situation.controller, context);
      if (mode !== undefined) await recorder.record(tx, mode);
      if (takesIdentity(assessed)) await recorder.record(tx, identityRecord(assessed, operatorOf(context)));
      if (assessed.time.trusted)
        await tx.db.updateTable('clock').set({ highest_ms: now }).where('highest_ms', '<', now).execute();
    },
  };
  const order = assessed.by === 'operator' ? { by: operatorOf(context), markOrder: context.markOrder } : undefined;
  const beginning = { controller, fence, at: new Date(now).toISOString(), ...(order && { order }) };
  const intents = intentWorks(runs, beginning);
  const answered = runs.length === 0 ? pendingDone(controller, pending) : [];
  await writeInParts(store, [...prepared, ...intents, seen, ...answered]);
  for (const [ceiling, { reason, steps }] of waits) {
    meter.trip(controller, ceiling);
    log.warn('changes wait for a release', { controller, ceiling, reason, steps: steps.length });
  }
}

async function batchRun(
  context: SyncContext,
  controller: Controller,
  lease: Lease,
  assessed: Assessment,
  run: Intended,
  observed: Observed,
  pending: readonly Pending[],
): Promise<RunResult> {
  const { user, name } = assessed.controller;
  const ids = assessed.live.capabilities.userIds;
  let known = observed;
  let changed = false;
  let { changes, preconditions } = batchOf(run.steps, known);
  if (preconditions.some(({ digest }) => digest === STALE)) {
    known = await controller.observe();
    changed = !sameStrategy(observed, known);
    ({ changes, preconditions } = batchOf(run.steps, known));
  }
  const administrators = administratorsOf(known, user, ids);
  const risky = mayLoseAdministrators({ steps: run.steps }, administrators, ids);
  const keepAdministrators = risky ? administrators : [];
  const outcome = await controller.apply({
    id: run.intent,
    fence: lease.fence,
    preconditions,
    changes,
    keepAdministrators,
  });
  if (outcome.outcome !== 'done') {
    const state = outcome.outcome === 'unknown' ? 'unknown' : 'failed';
    await context.store.write(({ db }) => closeIntents(db, run.rows, state, context.clock.now(), outcome.reason));
    const failed = run.steps.length;
    return {
      verified: 0,
      failed,
      observed,
      stopped: { kind: outcome.outcome, reason: outcome.reason },
      recheck: risky && outcome.outcome === 'unknown',
      changed,
    };
  }
  const touched = preconditions.map(({ role }) => role);
  const after = observedAfter(known, outcome.observed, touched);
  const roles = rolesByKey(after);
  const settled = run.steps.map((step): Settled => ({ step, verified: isVerified(step, roles) }));
  const stored = outcomeWorks(context, {
    controller: name,
    actor: actorOf(context, assessed),
    rows: run.rows,
    settled,
  });
  await writeInParts(context.store, [...stored, ...pendingDone(name, pending)]);
  const verified = settled.filter((item) => item.verified).length;
  return { verified, failed: settled.length - verified, observed: after, recheck: risky, changed };
}

async function abandon(context: SyncContext, runs: readonly Intended[], reason: string): Promise<void> {
  const rows = runs.flatMap((run) => run.rows);
  if (rows.length === 0) return;
  const now = context.clock.now();
  await context.store.write(({ db }) => closeIntents(db, rows, 'failed', now, `not sent: ${reason}`));
}
