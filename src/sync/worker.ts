import type { Controller } from '../access/ports/controller.ts';
import { Trouble } from '../access/trouble.ts';
import type { ControllerConfig } from '../config/schema.ts';
import { isPolicyFailure, isStoreFailure, ScimError } from '../errors.ts';
import { refold } from './ids/refold.ts';
import { type Lease, NO_LEASE_MS } from './lease/lease.ts';
import { announce, leased } from './lease/leased.ts';
import { tellOtherService } from './lease/otherService.ts';
import { Tenure } from './lease/tenure.ts';
import { dueDebts, nextDebtDue, postponeDue, reproveLeavers } from './leavers/debts.ts';
import { endSessionsAgain } from './leavers/sessionsAgain.ts';
import { type Command, isRelease, nextCommand } from './orders/commands.ts';
import { obey } from './orders/orders.ts';
import { type Breaker, failed as breakerFailed, CLOSED, isOpen, keepsFailing } from './pace/breaker.ts';
import { anyPending, newestPending } from './pace/distribute.ts';
import { compareAllIfChanged, lookAgain, whatChanged } from './pace/lookAgain.ts';
import { Loop } from './pace/loop.ts';
import { noteProblem, noteRead } from './pace/problems.ts';
import { Schedule } from './pace/schedule.ts';
import { PROBE_MS } from './pace/urgency.ts';
import { settleIntents } from './pass/settle.ts';
import { Passes } from './passes.ts';
import { forgetIrrelevant } from './policy/forgetIrrelevant.ts';
import type { PolicyInForce } from './policy/policyInForce.ts';
import type { SyncContext } from './state/context.ts';
import { liveOf, type Memory } from './state/memory.ts';
import type { Site } from './state/site.ts';
import { controllerRow } from './state/stored.ts';
import { watchUses } from './uses/useWatch.ts';

/** Of who left since then sessions may have to be ended once more: a restart forgets which looks were due, and an hour later they are again. */
const LATELY_MS = 3 * 3_600_000;
/** Between two tries while the database cannot be read or written. */
const STORE_RETRY_MS = 1_000;
/** The same while there is no policy; the reconciler tells of it. */
const POLICY_RETRY_MS = 1_000;

/** The loop of one controller: everything that is sent to it passes here, one thing after another. */
export class Worker {
  readonly name: string;
  readonly #context: SyncContext;
  readonly #config: ControllerConfig;
  readonly #controller: Controller;
  readonly #memory: Memory = {};
  readonly #schedule = new Schedule();
  readonly #passes: Passes;
  readonly #trouble: Trouble;
  readonly #tenure: Tenure;
  readonly #loop: Loop;
  #breaker: Breaker = CLOSED;
  #policy = '';
  /** Whether somebody asked for everybody to be read and compared since that began last. */
  #asked = false;
  /** By the monotonic clock. */
  #probeAt = 0;
  /** Of the marks that were seen. */
  #noticed = 0;

  constructor(context: SyncContext, config: ControllerConfig) {
    this.name = config.name;
    this.#context = context;
    this.#config = config;
    this.#controller = context.controller(config.name);
    this.#tenure = new Tenure(context, config.name);
    this.#loop = new Loop(context, async () => this.#orGiveWay(await this.#turn()));
    this.#passes = new Passes({
      ...{ context, config, controller: this.#controller, memory: this.#memory, schedule: this.#schedule },
      through: () => {
        this.#breaker = CLOSED;
      },
    });
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
    this.#asked = true;
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
      // What was to follow from what was done before it may not have been planned.
      this.#schedule.allBy(now + this.#context.config.sync.fingerprintEvery);
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
      await this.#passes.about(lease, leavers);
      await postponeDue(store, this.name, leavers, now, this.#memory.unread === true);
      return clock.now();
    }
    if (await this.#passes.aboutFreed(lease)) return clock.now();
    const policy = await this.#context.policy.current();
    if (this.#asked || policy.digest !== this.#policy || now >= this.#schedule.fullAt) {
      this.#asked = false;
      await this.#full(lease, now, policy).catch((error: unknown) => {
        this.#asked = true;
        throw error;
      });
      return clock.now();
    }
    const due = this.#schedule.takeRechecks(now);
    if (due !== undefined) {
      await this.#lookAgain(lease, now, due);
      return clock.now();
    }
    const begin = now + Math.ceil(await this.#passes.wait());
    if (begin > now && (await store.read((db) => anyPending(db, this.name), { atOnce: true }))) {
      // Marks may wait without end while pushes keep coming: the look that is due does not wait for them.
      if (now < this.#schedule.fingerprintAt) return Math.min(begin, this.#schedule.next);
      await this.#compare(lease, now);
      return clock.now();
    }
    const pending = await this.#passes.pending();
    if (await forgetIrrelevant(this.#context, this.#config, policy, pending)) return now;
    if (pending.length > 0) {
      await this.#passes.aboutMarks(lease, pending);
      return clock.now();
    }
    if (now >= this.#schedule.fingerprintAt) {
      await this.#compare(lease, now);
      return clock.now();
    }
    const until = policy.nextUntil(now) ?? Infinity;
    if (until <= now) return now;
    const debt = await nextDebtDue(store, this.name);
    this.#schedule.allBy(until);
    return Math.min(this.#schedule.next, debt);
  }

  /** Carries an order out; what it took away is looked at again as if the service had done so by itself. */
  async #obey(lease: Lease, command: Command): Promise<void> {
    const { clock } = this.#context;
    await obey(this.#site(lease), command, () => this.#schedule.recheckAfter(clock.now()));
    // An order goes past the breaker; where it got through, so does what waits.
    if (this.#memory.troubled === false) this.#breaker = CLOSED;
    const now = clock.now();
    // Grants that waited for a role that was released have no mark of their own.
    if (isRelease(command.order)) this.#schedule.allBy(now);
    compareAllIfChanged(this.#memory, this.#schedule, now);
  }

  /** Past an open breaker, every few seconds at most: those who left, and nobody else. @returns when to look again */
  async #probe(lease: Lease, due: readonly string[]): Promise<number> {
    const { clock } = this.#context;
    const monotonic = clock.monotonic();
    if (due.length === 0 && (await this.#passes.whoLeft()).length === 0) return this.#at(this.#breaker.until);
    if (monotonic < this.#probeAt) return this.#at(Math.min(this.#probeAt, this.#breaker.until));
    this.#probeAt = monotonic + PROBE_MS;
    await this.#passes.about(lease, due);
    return clock.now();
  }

  /** A moment of the monotonic clock by the wall clock as it stands now: whoever sets that delays no wait of ours. */
  #at(monotonic: number): number {
    const { clock } = this.#context;
    return clock.now() + Math.ceil(monotonic - clock.monotonic());
  }

  /** Reads everything, settles what was open, proves leavers again, and compares. */
  async #full(lease: Lease, now: number, policy: PolicyInForce): Promise<void> {
    const { config } = this.#context;
    this.#forget();
    await announce(this.#context, this.#controller, lease);
    const { observed, capabilities } = await liveOf(this.#context, this.#controller, this.#memory);
    delete this.#memory.changed;
    const context = leased(this.#context, lease);
    await refold(context, this.name, this.#memory);
    await settleIntents(context, this.name, observed);
    const { unread = false } = this.#memory;
    await reproveLeavers(context, this.#config, this.#controller, { capabilities, unread });
    const sessions = await endSessionsAgain({ ...this.#site(lease), context }, now - LATELY_MS);
    if (sessions === 'more') this.#schedule.recheckAt(now - LATELY_MS);
    const again = await this.#passes.aboutAll(lease);
    this.#policy = policy.digest;
    // As it was judged: what ended since, while the controller was at work, is due at once.
    const until = policy.nextUntil(now) ?? Infinity;
    const every = sessions === 'unknown' ? config.sync.fingerprintEvery : config.sync.fullEvery;
    this.#schedule.fullAt = again ?? (this.#memory.changed ? now : Math.min(now + every, until));
    this.#schedule.fingerprintAt = now + config.sync.fingerprintEvery;
    await watchUses(context, this.#config, this.#controller, now);
    tellOtherService(this.#context, this.name, capabilities);
    await noteRead(this.#context, this.name, this.#memory, now);
  }

  /** A difference of the cheap digest, or another session, starts a full read. */
  async #compare(lease: Lease, now: number): Promise<void> {
    const found = await whatChanged(this.#site(lease));
    this.#breaker = CLOSED;
    this.#schedule.fingerprintAt = now + this.#context.config.sync.fingerprintEvery;
    if (found === 'ours') await this.#lookAgain(lease, now);
    if (found === 'everything') this.#schedule.allBy(now);
  }

  /** Everybody is compared only where the controller is not as it was left, or could not be looked at: nobody knows what it would have shown. */
  async #lookAgain(lease: Lease, now: number, due = now): Promise<void> {
    const left = await lookAgain(this.#site(lease), due).catch((error: unknown) => {
      this.#schedule.allBy(now);
      throw error;
    });
    if (left === 'more') this.#schedule.recheckAt(due);
    if (left === 'unknown') this.#schedule.allBy(now + this.#context.config.sync.fingerprintEvery);
    this.#breaker = CLOSED;
    compareAllIfChanged(this.#memory, this.#schedule, now);
  }

  #site(lease: Lease): Site {
    return { context: this.#context, config: this.#config, controller: this.#controller, lease, memory: this.#memory };
  }

  /** A new lease: nothing is known, nor which looks whoever had it before had planned. */
  #anew(): void {
    this.#forget();
    this.#schedule.allBy(0);
    this.#schedule.recheckAfter(this.#context.clock.now());
  }

  /** What was known of the controller may be older than what another holder did, or than what it became. */
  #forget(): void {
    delete this.#memory.observed;
    delete this.#memory.capabilities;
  }
}
