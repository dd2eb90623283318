import type { Controller } from '../access/ports/controller.ts';
import { Trouble } from '../access/trouble.ts';
import type { ControllerConfig } from '../config/schema.ts';
import { isPolicyFailure, isStoreFailure, ScimError } from '../errors.ts';
import { refold } from './ids/refold.ts';
import { Waiting } from './ids/waiting.ts';
import { type Lease, NO_LEASE_MS } from './lease/lease.ts';
import { announce, leased } from './lease/leased.ts';
import { tellOtherService } from './lease/otherService.ts';
import { Tenure } from './lease/tenure.ts';
import { dueDebts, nextDebtDue, postponeDue, reproveLeavers } from './leavers/debts.ts';
import { endSessionsAgain } from './leavers/sessionsAgain.ts';
import { type Command, isRelease, leaverOrderWaits, nextCommand } from './orders/commands.ts';
import { obey } from './orders/orders.ts';
import { type Breaker, failed as breakerFailed, CLOSED, isOpen, keepsFailing } from './pace/breaker.ts';
import { anyPending, newestPending, type Pending, pendingOf } from './pace/distribute.ts';
import { lookAgain } from './pace/lookAgain.ts';
import { Loop } from './pace/loop.ts';
import { FRESH, mayBegin, type Pacing, paced } from './pace/pacing.ts';
import { noteProblem, noteRead } from './pace/problems.ts';
import { nextDue, type Schedule, takeRechecks, withRechecks } from './pace/schedule.ts';
import { Leaving, PROBE_MS, unknownMarks } from './pace/urgency.ts';
import { takesBack } from './pass/assessment.ts';
import { pass } from './pass/pass.ts';
import { settleIntents } from './pass/settle.ts';
import type { Scope } from './pass/situation.ts';
import { forgetIrrelevant } from './policy/forgetIrrelevant.ts';
import { Openings } from './policy/openings.ts';
import type { PolicyInForce } from './policy/policyInForce.ts';
import type { SyncContext } from './state/context.ts';
import { liveOf, type Memory } from './state/memory.ts';
import type { Site } from './state/site.ts';
import { controllerRow } from './state/stored.ts';
import { watchUses } from './uses/useWatch.ts';

/** Most marks one pass takes: a save for many, and leavers enter between passes. */
const PASS_LIMIT = 2_000;
/** A whole pass that could not finish is made anew after this long. */
const RETRY_MS = 5_000;
/** A restart forgets which looks were due: of who left since then, sessions may have to be ended once more. */
const LATELY_MS = 3_600_000;
/** Between two tries while the database cannot be read or written. */
const STORE_RETRY_MS = 1_000;
/** The same while there is no policy; the reconciler tells of it. */
const POLICY_RETRY_MS = 1_000;
/** Between two passes, where one only gave way to somebody who left: they go in between. */
const RESUME_MS = 50;

/** The loop of one controller: everything that is sent to it passes here, one thing after another. */
export class Worker {
  readonly name: string;
  readonly #context: SyncContext;
  readonly #config: ControllerConfig;
  readonly #controller: Controller;
  readonly #memory: Memory = {};
  readonly #leaving: Leaving;
  readonly #waiting: Waiting;
  readonly #trouble: Trouble;
  readonly #tenure: Tenure;
  readonly #loop: Loop;
  #breaker: Breaker = CLOSED;
  #pacing: Pacing = FRESH;
  #schedule: Schedule;
  #policy = '';
  /** By the monotonic clock. */
  #probeAt = 0;
  /** Of the marks that were seen. */
  #noticed = 0;
  readonly #openings = new Openings();

  constructor(context: SyncContext, config: ControllerConfig) {
    this.name = config.name;
    this.#context = context;
    this.#config = config;
    this.#controller = context.controller(config.name);
    this.#tenure = new Tenure(context, config.name);
    this.#loop = new Loop(context, async () => this.#orGiveWay(await this.#turn()));
    this.#leaving = new Leaving(config.name);
    this.#waiting = new Waiting(config.name);
    this.#schedule = { fullAt: 0, fingerprintAt: Infinity, rechecks: [] };
    const over = 'the database can be used again for a controller';
    this.#trouble = new Trouble({ ...context, message: 'nothing is done on a controller without the database', over });
  }

  /** Looks for work at once; a call while it works makes it look again afterwards. */
  wake(): void {
    this.#loop.wake();
  }

  /** Another process may have handed something out: whoever holds the lease looks, once for each mark. */
  async lookForMarks(): Promise<void> {
    if (!this.#tenure.isHeld) return;
    const { newest, all } = await this.#context.store.read((db) => newestPending(db, this.name), { atOnce: true });
    const news = newest > this.#noticed;
    this.#noticed = all;
    if (news) this.wake();
  }

  /** Everything is to be read and compared, e.g. because the policy changed. */
  wakeForAll(): void {
    this.#allBy(0);
    this.wake();
  }

  /** Ends after what it is doing, and gives the lease back. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#tenure.end();
  }

  /** One thing at a time; @returns when to look again at the latest, in milliseconds since the epoch */
  async #turn(): Promise<number> {
    const { clock, log } = this.#context;
    try {
      const lease = await this.#tenure.hold(() => this.#anew());
      const next = lease === undefined ? clock.now() + NO_LEASE_MS : await this.#next(lease);
      this.#trouble.well();
      return next;
    } catch (error) {
      const now = clock.now();
      if (isStoreFailure(error)) {
        // Not the controller's fault; what was known of it may be older than what another holder did meanwhile.
        this.#trouble.met({ controller: this.name, reason: (error as ScimError).message });
        delete this.#memory.observed;
        return now + STORE_RETRY_MS;
      }
      if (error instanceof ScimError && error.code === 'SYNC_LEASE') {
        log.warn('another process took a controller over', { controller: this.name });
        this.#tenure.lost();
        this.#forget();
        return now + NO_LEASE_MS;
      }
      // Not the controller's fault: a file that was mended is taken at once, and nobody who left waits for a breaker.
      if (isPolicyFailure(error)) return now + POLICY_RETRY_MS;
      const code = error instanceof ScimError ? error.code : undefined;
      this.#breaker = breakerFailed(this.#breaker, clock.monotonic(), code);
      this.#forget();
      await noteProblem(this.#context, this.name, this.#memory, error, this.#breaker).catch((reason: unknown) =>
        log.error('a problem could not be stored', { controller: this.name, reason: String(reason) }),
      );
      return Math.min(this.#at(this.#breaker.until), now + PROBE_MS);
    }
  }

  /** Who keeps failing does not keep the lease between two turns. @returns when to look again at the latest */
  async #orGiveWay(again: number): Promise<number> {
    if (!keepsFailing(this.#breaker)) return again;
    const away = await this.#tenure.giveWay().catch(() => 0);
    return Math.max(again, away);
  }

  async #next(lease: Lease): Promise<number> {
    const { store, clock } = this.#context;
    // A standby may have taken over since the last turn, one that has not heard who left: nothing is given back from there.
    await this.#context.lookBack?.();
    const command = await nextCommand(this.#context, this.name);
    if (command !== undefined) {
      await this.#obey(lease, command);
      return clock.now();
    }
    const now = clock.now();
    const state = await store.read((db) => controllerRow(db, this.name), { atOnce: true });
    const idle = now + this.#context.config.sync.fullEvery;
    if (state?.paused === 1 || state?.on_hold === 1 || this.#config.mode === 'off') return idle;
    const leavers = await dueDebts(store, this.name, now);
    if (isOpen(this.#breaker, clock.monotonic())) return this.#probe(lease, leavers);
    if (leavers.length > 0) {
      await this.#passAbout(lease, leavers);
      await postponeDue(store, this.name, leavers, now);
      return clock.now();
    }
    const freed = await store.read((db) => this.#waiting.freed(db));
    if (freed.length > 0) {
      await this.#orAll(() => this.#passFreed(lease, freed));
      return clock.now();
    }
    const policy = await this.#context.policy.current();
    if (policy.digest !== this.#policy || now >= this.#schedule.fullAt) {
      await this.#full(lease, now, policy);
      return clock.now();
    }
    const { due, schedule } = takeRechecks(this.#schedule, now);
    this.#schedule = schedule;
    if (due) {
      await this.#lookAgain(lease, now);
      return clock.now();
    }
    const begin = await this.#begin(now);
    if (begin > now && (await store.read((db) => anyPending(db, this.name), { atOnce: true }))) {
      // Marks may wait without end while pushes keep coming: the look that is due does not wait for them.
      if (now < this.#schedule.fingerprintAt) return Math.min(begin, nextDue(this.#schedule));
      await this.#compare(lease, now);
      return clock.now();
    }
    const pending = await store.read((db) => pendingOf(db, this.name, PASS_LIMIT));
    if (await forgetIrrelevant(this.#context, this.#config, policy, pending)) return now;
    if (pending.length > 0) {
      this.#pacing = paced(this.#pacing, clock.monotonic());
      await this.#pass(lease, pending, pending);
      return clock.now();
    }
    if (now >= this.#schedule.fingerprintAt) {
      await this.#compare(lease, now);
      return clock.now();
    }
    const until = policy.nextUntil(now) ?? Infinity;
    if (until <= now) return now;
    const debt = await nextDebtDue(store, this.name);
    this.#allBy(until);
    return Math.min(nextDue(this.#schedule), debt);
  }

  /** Carries an order out; what it took away is looked at again as if the service had done so by itself. */
  async #obey(lease: Lease, command: Command): Promise<void> {
    const context = this.#context;
    if (await obey(this.#site(lease), command)) this.#schedule = withRechecks(this.#schedule, context.clock.now());
    // An order goes past the breaker; where it got through, so does what waits.
    if (this.#memory.troubled === false) this.#breaker = CLOSED;
    const now = context.clock.now();
    // Grants that waited for a role that was released have no mark of their own.
    if (isRelease(command.order)) this.#allBy(now);
    this.#compareAllIfChanged(now);
  }

  /** Ordinary changes wait for the window; somebody who left does not. */
  async #begin(now: number): Promise<number> {
    const monotonic = this.#context.clock.monotonic();
    const begin = mayBegin(this.#pacing, monotonic);
    if (begin <= monotonic) return now;
    return (await this.#whoLeft()).length > 0 ? now : this.#at(begin);
  }

  /** Past an open breaker, every few seconds at most: those who left, and nobody else. @returns when to look again */
  async #probe(lease: Lease, due: readonly string[]): Promise<number> {
    const { clock } = this.#context;
    const monotonic = clock.monotonic();
    if (due.length === 0 && (await this.#whoLeft()).length === 0) return this.#at(this.#breaker.until);
    if (monotonic < this.#probeAt) return this.#at(Math.min(this.#probeAt, this.#breaker.until));
    this.#probeAt = monotonic + PROBE_MS;
    await this.#passAbout(lease, due);
    return clock.now();
  }

  /**
   * About people who have no marks of their own for it, and those who left: a mark of these that the pass does not know of would cut it
   * short each time, and its turn comes before that of the marks.
   */
  async #passAbout(lease: Lease, people: readonly string[]): Promise<void> {
    const leaving = await this.#whoLeft();
    await this.#pass(lease, named(new Set([...people, ...leaving.map(({ id }) => id)])), leaving);
  }

  /** With the marks that wait: as long as one does, whoever was called otherwise since owes those ids anew, and gives none free. */
  async #passFreed(lease: Lease, freed: readonly string[]): Promise<number | undefined> {
    const pending = await this.#context.store.read((db) => pendingOf(db, this.name, PASS_LIMIT));
    return this.#pass(lease, [...pending, ...named(freed)], pending);
  }

  /** Whoever has no mark is told once: where a pass over them does not come to its end, everybody is looked at. */
  async #orAll(run: () => Promise<number | undefined>): Promise<void> {
    let again: number | undefined = this.#context.clock.now();
    try {
      again = await run();
    } finally {
      if (again !== undefined) this.#allBy(again);
    }
  }

  /** A moment of the monotonic clock by the wall clock as it stands now: whoever sets that delays no wait of ours. */
  #at(monotonic: number): number {
    const { clock } = this.#context;
    return clock.now() + Math.ceil(monotonic - clock.monotonic());
  }

  /** @returns when what it could not finish is to be tried again; undefined where it finished */
  async #pass(lease: Lease, scope: Scope, pending: readonly Pending[]): Promise<number | undefined> {
    const { clock, config } = this.#context;
    const result = await pass(this.#context, this.#config, this.#controller, lease, this.#memory, scope, {
      by: 'automatic',
      pending,
      urgent: async (done) => done > 0 && this.#someoneLeft(pending),
    });
    const now = clock.now();
    this.#breaker = CLOSED;
    this.#waiting.note(result.assessed.identities.people, result.assessed.live.capabilities.userIds);
    if (result.recheck) this.#schedule = withRechecks(this.#schedule, now);
    const soon = now + config.sync.fingerprintEvery;
    const { fingerprintAt } = this.#schedule;
    this.#schedule = { ...this.#schedule, fingerprintAt: Math.min(fingerprintAt, soon) };
    if (result.failed > 0) this.#allBy(soon);
    else if (takesBack(result.assessed)) this.#allBy(now);
    if (this.#openings.concern(result.assessed)) this.#allBy(now);
    this.#compareAllIfChanged(now);
    await noteRead(this.#context, this.name, this.#memory);
    if (result.stopped === undefined) return undefined;
    return now + (result.stopped.kind === 'interrupted' ? RESUME_MS : RETRY_MS);
  }

  /** Marks of people who left. */
  #whoLeft(): Promise<Pending[]> {
    return this.#context.store.read((db) => this.#leaving.marks(db));
  }

  /** Whether somebody left, or was ordered to leave, that this pass does not know of. */
  async #someoneLeft(known: readonly Pending[]): Promise<boolean> {
    return unknownMarks(await this.#whoLeft(), known).length > 0 || leaverOrderWaits(this.#context.store, this.name);
  }

  /** Reads everything, settles what was open, proves leavers again, and compares. */
  async #full(lease: Lease, now: number, policy: PolicyInForce): Promise<void> {
    const { config, store } = this.#context;
    this.#forget();
    await announce(this.#context, this.#controller, lease);
    const { observed, capabilities } = await liveOf(this.#context, this.#controller, this.#memory);
    delete this.#memory.changed;
    const context = leased(this.#context, lease);
    await refold(context, this.name, this.#memory);
    await settleIntents(context, this.name, observed);
    await reproveLeavers(context, this.#config, this.#controller, capabilities);
    if (await endSessionsAgain({ ...this.#site(lease), context }, now - LATELY_MS)) this.#recheckAt(now);
    const pending = await store.read((db) => pendingOf(db, this.name, PASS_LIMIT * 50));
    const again = await this.#pass(lease, 'all', pending);
    this.#policy = policy.digest;
    // As it was judged: what ended since, while the controller was at work, is due at once.
    const until = policy.nextUntil(now) ?? Infinity;
    this.#schedule = {
      ...this.#schedule,
      fullAt: again ?? (this.#memory.changed ? now : Math.min(now + config.sync.fullEvery, until)),
      fingerprintAt: now + config.sync.fingerprintEvery,
    };
    await watchUses(context, this.#config, this.#controller, now);
    tellOtherService(this.#context, this.name, capabilities);
    await noteRead(this.#context, this.name, this.#memory, now);
  }

  /** A difference of the cheap digest, or another session, starts a full read. */
  async #compare(lease: Lease, now: number): Promise<void> {
    const { fingerprint, session } = await this.#controller.fingerprint();
    const known = this.#memory.observed;
    this.#breaker = CLOSED;
    this.#schedule = { ...this.#schedule, fingerprintAt: now + this.#context.config.sync.fingerprintEvery };
    if (known !== undefined && known.session === session && known.fingerprint === fingerprint) return;
    // After changes of our own there is no digest to compare with: each role is.
    if (known?.fingerprint === '') await this.#lookAgain(lease, now);
    else this.#allBy(now);
  }

  /** Everybody is compared only where the controller is not as it was left. */
  async #lookAgain(lease: Lease, now: number): Promise<void> {
    if (await lookAgain(this.#site(lease))) this.#recheckAt(now);
    this.#breaker = CLOSED;
    this.#compareAllIfChanged(now);
  }

  #site(lease: Lease): Site {
    return { context: this.#context, config: this.#config, controller: this.#controller, lease, memory: this.#memory };
  }

  #recheckAt(at: number): void {
    this.#schedule = { ...this.#schedule, rechecks: [...this.#schedule.rechecks, at] };
  }

  /** What a reading of ours found otherwise than it was left is not seen by the next look any more. */
  #compareAllIfChanged(now: number): void {
    if (this.#memory.changed) this.#allBy(now);
  }

  /** Everybody is read and compared by then at the latest. @param at milliseconds since the epoch */
  #allBy(at: number): void {
    this.#schedule = { ...this.#schedule, fullAt: Math.min(this.#schedule.fullAt, at) };
  }

  /** A new lease: nothing is known. */
  #anew(): void {
    this.#forget();
    this.#allBy(0);
  }

  /** What was known of the controller may be older than what another holder did, or than what it became. */
  #forget(): void {
    delete this.#memory.observed;
    delete this.#memory.capabilities;
  }
}

/** A pass over these people. */
function named(people: Iterable<string>): { readonly kind: 'user'; readonly id: string }[] {
  return [...people].map((id) => ({ kind: 'user', id }));
}
