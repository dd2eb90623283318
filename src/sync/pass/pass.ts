import type { Controller, PersonState } from '../../access/ports/controller.ts';
import { foldId } from '../../access/principal.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { refuse } from '../../errors.ts';
import { stepDigest } from '../../plan/digest.ts';
import type { Step } from '../../plan/step.ts';
import { administratorsOf, mayLoseAdministrators } from '../held/administrators.ts';
import { linksAnybody } from '../ids/newLinks.ts';
import { refold } from '../ids/refold.ts';
import { type Lease, raiseFence } from '../lease/lease.ts';
import { announce, leased } from '../lease/leased.ts';
import { declaredPeople } from '../leavers/declared.ts';
import { askOlder } from '../older/older.ts';
import type { Pending } from '../pace/distribute.ts';
import { tellBlocked } from '../policy/blockedRoles.ts';
import { meetsNamesakes, noteNamesakes } from '../policy/namesakes.ts';
import type { SyncContext } from '../state/context.ts';
import { liveOf, type Memory } from '../state/memory.ts';
import { assessAsking } from './assess.ts';
import type { Assessment } from './assessment.ts';
import type { Origin } from './origin.ts';
import { perform } from './perform.ts';
import type { Performed, Settlement } from './performed.ts';
import { settleIntents } from './settle.ts';
import type { Scope } from './situation.ts';

export interface PassOptions {
  readonly by: 'automatic' | 'operator';
  readonly identity?: 'applied' | 'configured';
  readonly pending?: readonly Pending[];
  readonly exempt?: ReadonlySet<string>;
  /** `stepDigest`s that an operator released: the stored word is gone once a first attempt has begun. */
  readonly released?: ReadonlySet<string>;
  /** Of what may go, only this: a saved plan, a release, one person. */
  readonly only?: (assessed: Assessment) => (step: Step) => boolean;
  readonly states?: ReadonlyMap<string, PersonState>;
  /** Asked before each batch, with how many runs went before it: whether somebody left since, who goes first. */
  readonly urgent?: (done: number) => Promise<boolean>;
  /** Told of each run as soon as it is stored, so that a failure of a later one loses none of it. */
  readonly settled?: (run: Settlement) => void;
  readonly say?: (text: string) => void;
}

const ATTEMPTS = 4;
/** After these somebody else decides when it goes on. */
const LEFT: ReadonlySet<string | undefined> = new Set(['interrupted', 'paused']);
const SETTLE_MS = 1_000;

/**
 * One pass over one controller: assess, store the intent, act, read back. A conflict makes the plan anew; an unknown outcome
 * is settled by reading before anything is sent again (semantics §4).
 * @throws ScimError JEN_* where the controller could not be asked; nothing is lost then. SYNC_LEASE where somebody else took over,
 * SYNC_FENCE where the controller obeys somebody with another database
 */
export async function pass(
  anybodys: SyncContext,
  config: ControllerConfig,
  controller: Controller,
  lease: Lease,
  memory: Memory,
  scope: Scope,
  options: PassOptions,
): Promise<Performed & { readonly assessed: Assessment }> {
  const context = leased(anybodys, lease);
  const policy = await context.policy.current();
  const origins = originsOf(options.pending ?? []);
  const exempt = options.exempt ?? (await declaredPeople(context, config.name, scope, options.pending ?? []));
  let total = { verified: 0, failed: 0 };
  let linked = scope === 'all' && memory.unasked !== false;
  for (let attempt = 1; ; attempt++) {
    if (await announce(context, controller, lease)) delete memory.observed;
    const fresh = memory.observed === undefined;
    const live = await liveOf(context, controller, memory);
    await refold(context, config.name, memory);
    if (fresh) await settleIntents(context, config.name, live.observed);
    const base = {
      by: options.by,
      policy,
      ...(options.identity === undefined ? {} : { identity: options.identity }),
      exempt,
      ...(options.released === undefined ? {} : { released: options.released }),
      ...(options.states === undefined ? {} : { states: options.states }),
    };
    const assessed = narrowed(await assessAsking(context, config, controller, live, scope, base), options.only);
    if (linksAnybody(assessed)) {
      linked = true;
      memory.unasked = true;
    }
    const { unread } = live.observed;
    const pending = unread === undefined ? (options.pending ?? []) : ofLeavers(options.pending ?? [], assessed);
    const performed = await perform(context, controller, lease, assessed, {
      pending,
      origins,
      ...(options.urgent === undefined ? {} : { urgent: options.urgent }),
      ...(options.settled === undefined ? {} : { settled: options.settled }),
      ...(options.say === undefined ? {} : { say: options.say }),
    }).catch((error: unknown) => {
      // What was begun is settled before anybody sends anything again, by whoever goes on with what is remembered.
      delete memory.observed;
      throw error;
    });
    if (performed.observed === undefined) delete memory.observed;
    else memory.observed = performed.observed;
    if (unread === undefined && performed.observed !== undefined) memory.left = performed.observed;
    if (performed.changed) memory.changed = true;
    total = { verified: total.verified + performed.verified, failed: performed.failed };
    const { stopped } = performed;
    if (stopped?.kind === 'unknown') await raiseFence(context.store, context.clock, lease);
    // The lease is ours, else what came of it could not have been stored: no replica, but another database.
    if (stopped?.kind === 'fenced') throw refuse('SYNC_FENCE', { controller: config.name, reason: stopped.reason });
    if (stopped === undefined || LEFT.has(stopped.kind) || attempt === ATTEMPTS) {
      if (stopped === undefined && total.verified > 0) noteEffective(context, config.name, pending);
      if (scope === 'all' && unread === undefined) tellBlocked(context, assessed, memory);
      if (meetsNamesakes(assessed)) await noteNamesakes(context);
      const { urgent } = options;
      if (linked && !LEFT.has(stopped?.kind))
        memory.unasked = (await askOlder(context, controller, urgent && (() => urgent(1)))).left !== undefined;
      return { ...performed, ...total, assessed };
    }
    context.log.warn('a pass has to be made anew', { controller: config.name, ...stopped, attempt });
    if (stopped.kind === 'lock-out') await holdAdministrators(context, assessed, stopped.reason);
    if (stopped.kind === 'unknown') {
      await context.timers.sleep(SETTLE_MS);
      delete memory.observed;
    }
  }
}

function noteEffective({ clock, meter }: SyncContext, controller: string, pending: readonly Pending[]): void {
  const now = clock.now();
  for (const { markedAt } of pending) meter.effective(controller, (now - Date.parse(markedAt)) / 1000);
}

/** Marks that a look without roles answers; the others wait for one with them. */
function ofLeavers(pending: readonly Pending[], { standing }: Assessment): Pending[] {
  return pending.filter(({ kind, id }) => kind === 'user' && standing.has(id) && standing.get(id) !== 'active');
}

/** Leaves only what was asked for; the rest neither goes nor waits. */
function narrowed(assessed: Assessment, only: PassOptions['only']): Assessment {
  if (only === undefined) return assessed;
  const keep = only(assessed);
  return { ...assessed, verdict: { ...assessed.verdict, go: assessed.verdict.go.filter(keep) } };
}

/** The mark that brought each person here. Marks of groups stand for all their people: the oldest counts. */
function originsOf(pending: readonly Pending[]): Map<string, Origin> {
  const origins = new Map<string, Origin>();
  for (const { kind, id, markedAt, request } of pending)
    if (kind === 'user') origins.set(id, { at: markedAt, request });
  return origins;
}

/** The controller undid a batch because nobody would have been left: what takes Administer waits for a person. */
async function holdAdministrators(context: SyncContext, assessed: Assessment, reason: string): Promise<void> {
  const ids = assessed.live.capabilities.userIds;
  const names = administratorsOf(assessed.live.observed, assessed.controller.user, ids);
  const folded = new Set(names.map((id) => foldId(id, ids)));
  const steps = assessed.verdict.go.filter((step) => mayLoseAdministrators({ steps: [step] }, [...folded], ids));
  const since = new Date(context.clock.now()).toISOString();
  context.meter.trip(assessed.controller.name, 'last-administrator');
  await context.store.write(async (tx) => {
    for (const step of steps) {
      const key = stepDigest(step);
      const values = { digest: key, step: JSON.stringify(step), ceiling: 'last-administrator', reason };
      await tx.db
        .insertInto('held')
        .values({ controller: assessed.controller.name, step_key: key, ...values, since, state: 'held' })
        .onConflict((conflict) =>
          conflict.columns(['controller', 'step_key']).doUpdateSet({ ...values, state: 'held' }),
        )
        .execute();
    }
    await context.recorder.record(tx, {
      kind: 'plan.lock-out',
      actor: 'sync',
      subject: { kind: 'controller', id: assessed.controller.name },
      body: { steps: steps.length, reason },
    });
  });
}
