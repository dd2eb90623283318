import type { Timer } from '../access/ports/timers.ts';
import { Trouble } from '../access/trouble.ts';
import type { Clocks } from './clock/clockAnchor.ts';
import { highestTime } from './clock/highestTime.ts';
import { noteConfiguration } from './configured/configured.ts';
import { LeaverWatch } from './leavers/alarms.ts';
import { anyWaiting } from './orders/commands.ts';
import { distribute } from './pace/distribute.ts';
import { FRESH, mayBegin, type Pacing, paced } from './pace/pacing.ts';
import { tellUnder } from './pass/traced.ts';
import type { SyncContext } from './state/context.ts';
import { Worker } from './worker.ts';

/** How often orders of a command line and edits of the policy are looked for; a push wakes at once. */
const POLL_MS = 250;
const ALARM_MS = 5_000;
const POLICY_MS = 2_000;
/** How commits are gathered before they are handed out: somebody who left waits no longer than this, either. */
const GATHERING = { first: 5, widest: 40, quiet: 100 };
const CLOCK_MS = 5_000;
/** Between two tries to note the configuration of this start; each that fails is a line of the log. */
const NOTE_MS = 5_000;
/** Between two tries while the database cannot be read or written. */
const RETRY_MS = 1_000;

/** All controllers of one service: hands out what is dirty, and looks for orders and edits. */
export class Reconciler {
  readonly #context: SyncContext;
  readonly #workers: readonly Worker[];
  readonly #timers = new Map<string, Timer>();
  #policy = '';
  #anchor: Clocks;
  /** Our clock at the last look, and whether it was behind the highest time. */
  #seen: number;
  #behind = false;
  #room: boolean;
  #pauses = '';
  readonly #trouble: Trouble;
  #distributing = false;
  #gathering: Pacing = FRESH;
  #again = false;
  #hinted = false;
  #stopped = false;

  constructor(context: SyncContext) {
    this.#context = context;
    this.#anchor = context.anchor.look();
    this.#seen = context.clock.now();
    this.#room = context.hasRoom?.() ?? true;
    const message = 'dirty marks could not be handed out';
    this.#trouble = new Trouble({ ...context, message, over: 'dirty marks are handed out again' });
    const active = context.config.controllers;
    this.#workers = active.map((controller) => new Worker(context, controller));
  }

  start(): void {
    void this.#begin();
    this.#every('orders', POLL_MS, () => this.#lookForOrders());
    const leavers = new LeaverWatch(this.#context);
    this.#every('alarms', ALARM_MS, () => leavers.look());
    this.#every('clock', CLOCK_MS, () => this.#lookAtClock());
    this.#every('disk', CLOCK_MS, () => this.#lookAtDisk());
    this.#every('policy', POLICY_MS, () => this.#lookForPolicy());
  }

  /** What is paused, and how the clock stands, is known before anybody works, so that no change between is missed. */
  async #begin(): Promise<void> {
    const { store, log } = this.#context;
    this.#behind = await this.#isBehind().catch(() => false);
    this.#pauses = await store.read(pausesOf).catch((error: unknown) => {
      log.warn('what is paused could not be read', { reason: String(error) });
      return '';
    });
    await this.#note();
    if (this.#stopped) return;
    for (const worker of this.#workers) worker.wake();
    this.wake();
  }

  async #note(): Promise<void> {
    const { log, timers } = this.#context;
    try {
      await noteConfiguration(this.#context);
    } catch (error) {
      log.warn('the configuration could not be noted', { reason: String(error) });
      const again = (): void => void this.#note();
      if (!this.#stopped) this.#timers.set('configuration', timers.after(NOTE_MS, again));
    }
  }

  /**
   * Something was committed: hands it out on the next turn of the event loop, or a moment later where commits follow each other
   * closely, so that they are handed out together. Never throws, never waits.
   */
  wake(): void {
    if (this.#stopped) return;
    if (this.#distributing) {
      this.#again = true;
      return;
    }
    this.#distributing = true;
    const { timers, clock } = this.#context;
    const wait = mayBegin(this.#gathering, clock.monotonic()) - clock.monotonic();
    const begin = (): void => {
      this.#gathering = paced(this.#gathering, clock.monotonic(), GATHERING);
      void this.#distribute();
    };
    if (wait > 0) this.#timers.set('gathering', timers.after(wait, begin));
    else timers.nextTurn(begin);
  }

  /** Another process has committed something: looks whether it concerns us, and writes nothing where it does not. */
  hint(): void {
    if (this.#hinted || this.#stopped) return;
    this.#hinted = true;
    this.#context.timers.nextTurn(() => {
      this.#hinted = false;
      this.#lookForOrders().catch((error: unknown) =>
        this.#context.log.warn('a look around failed', { what: 'hint', reason: String(error) }),
      );
    });
  }

  /** Ends after what is being done; leases are given back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  async #distribute(): Promise<void> {
    const { store, facts, config, timers } = this.#context;
    const names = config.controllers.map(({ name }) => name);
    try {
      this.#again = false;
      let left = true;
      while (left && !this.#stopped) {
        const { marks, more, requests } = await store.write((tx) => distribute(tx, facts, names));
        left = more;
        if (requests.length > 0)
          tellUnder(this.#context, 'changes are on their way to the controllers', requests, { marks });
        if (marks > 0) for (const worker of this.#workers) worker.wake();
      }
      this.#distributing = false;
      this.#trouble.well();
      // What was committed meanwhile is gathered, too: each round is a transaction of its own.
      if (this.#again) this.wake();
    } catch (error) {
      this.#trouble.met({ reason: reasonOf(error) });
      this.#distributing = false;
      this.#timers.set(
        'retry',
        timers.after(RETRY_MS, () => {
          // What was not answered may be handed out all the same.
          for (const worker of this.#workers) worker.wake();
          this.wake();
        }),
      );
    }
  }

  async #lookForOrders(): Promise<void> {
    if (await anyWaiting(this.#context.store)) for (const worker of this.#workers) worker.wake();
    const pauses = await this.#context.store.read(pausesOf);
    if (pauses !== this.#pauses) {
      this.#pauses = pauses;
      for (const worker of this.#workers) worker.wakeForAll();
    }
    const marks = await this.#context.store.read((db) => this.#context.facts.dirty(db, 1));
    if (marks.length > 0) this.wake();
    // A file is served by one process, which wakes its workers itself.
    if (this.#context.store.far === true) await Promise.all(this.#workers.map((worker) => worker.lookForMarks()));
  }

  /** What was due while the clock could not be trusted is looked at as soon as it can. */
  async #lookAtClock(): Promise<void> {
    const anchor = this.#context.anchor.look();
    const now = this.#context.clock.now();
    const behind = await this.#isBehind();
    // What was planned by a clock that has gone back since would come only when it has caught up.
    const again = anchor !== this.#anchor || now < this.#seen || (this.#behind && !behind);
    if (again) for (const worker of this.#workers) worker.wakeForAll();
    this.#anchor = anchor;
    this.#seen = now;
    this.#behind = behind;
  }

  /** What waited for room goes on as soon as there is some. */
  async #lookAtDisk(): Promise<void> {
    const room = this.#context.hasRoom?.() ?? true;
    if (room && !this.#room) for (const worker of this.#workers) worker.wakeForAll();
    this.#room = room;
  }

  async #isBehind(): Promise<boolean> {
    const highest = await this.#context.store.read(highestTime);
    return this.#context.clock.now() < highest;
  }

  async #lookForPolicy(): Promise<void> {
    const { digest } = await this.#context.policy.current();
    if (digest === this.#policy) return;
    this.#policy = digest;
    // Each compares with what it worked by itself: it may have begun before an edit that is not seen as one here.
    for (const worker of this.#workers) worker.wake();
  }

  #every(name: string, milliseconds: number, run: () => Promise<void>): void {
    const { timers } = this.#context;
    const told = { message: 'a look around failed', over: 'looking around works again' };
    const trouble = new Trouble({ ...this.#context, ...told });
    const tick = async (): Promise<void> => {
      try {
        await run();
        trouble.well();
      } catch (error) {
        trouble.met({ what: name, reason: reasonOf(error) });
      }
      if (!this.#stopped)
        this.#timers.set(
          name,
          timers.after(milliseconds, () => void tick()),
        );
    };
    this.#timers.set(
      name,
      timers.after(milliseconds, () => void tick()),
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is paused or on hold now, as one text to compare; never empty. */
async function pausesOf(db: Parameters<Parameters<SyncContext['store']['read']>[0]>[0]): Promise<string> {
  const controllers = await db
    .selectFrom('controllers')
    .select(['name', 'paused', 'on_hold'])
    .orderBy('name')
    .execute();
  const connections = await db.selectFrom('paused_connections').select('name').orderBy('name').execute();
  const stopped = controllers.filter(({ paused, on_hold }) => paused === 1 || on_hold === 1).map(({ name }) => name);
  return JSON.stringify([stopped, connections]);
}
