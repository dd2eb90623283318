import { Waiting } from './ids/waiting.ts';
import type { Lease } from './lease/lease.ts';
import { leaverOrderWaits } from './orders/commands.ts';
import { type Pending, pendingOf } from './pace/distribute.ts';
import { compareAllIfChanged } from './pace/lookAgain.ts';
import { FRESH, mayBegin, type Pacing, paced } from './pace/pacing.ts';
import { noteRead } from './pace/problems.ts';
import type { Schedule } from './pace/schedule.ts';
import { Leaving, unknownMarks } from './pace/urgency.ts';
import { takesBack } from './pass/assessment.ts';
import { pass } from './pass/pass.ts';
import type { Scope } from './pass/situation.ts';
import { Openings } from './policy/openings.ts';
import type { Site } from './state/site.ts';

/** Most marks one pass takes: a save for many, and leavers enter between passes. */
const PASS_LIMIT = 2_000;
/** A whole pass that could not finish is made anew after this long. */
const RETRY_MS = 5_000;
/** Between two passes, where one only gave way to somebody who left: they go in between. */
const RESUME_MS = 50;

interface PassesParts extends Omit<Site, 'lease'> {
  /** What follows from a pass is put there. */
  readonly schedule: Schedule;
  /** Told of each pass that got through to the controller. */
  readonly through: () => void;
}

/** The passes over one controller: whom each is about, when the next may begin, and what is to be looked at after it. */
export class Passes {
  readonly #parts: PassesParts;
  readonly #leaving: Leaving;
  readonly #waiting: Waiting;
  readonly #openings = new Openings();
  #pacing: Pacing = FRESH;

  constructor(parts: PassesParts) {
    this.#parts = parts;
    this.#leaving = new Leaving(parts.config.name);
    this.#waiting = new Waiting(parts.config.name);
  }

  /** Milliseconds of the monotonic clock until the next may begin: ordinary changes wait for the window; somebody who left does not. */
  async wait(): Promise<number> {
    const monotonic = this.#parts.context.clock.monotonic();
    const left = mayBegin(this.#pacing, monotonic) - monotonic;
    return left > 0 && (await this.whoLeft()).length > 0 ? 0 : left;
  }

  /** Marks of people who left. */
  whoLeft(): Promise<Pending[]> {
    return this.#parts.context.store.read((db) => this.#leaving.marks(db));
  }

  /** Marks that wait; while another authorization strategy is in force, of those who left. */
  pending(most = PASS_LIMIT): Promise<Pending[]> {
    const { context, config, memory } = this.#parts;
    if (memory.unread === true) return this.whoLeft();
    return context.store.read((db) => pendingOf(db, config.name, most));
  }

  /** About those whom these marks name; a window begins. */
  async aboutMarks(lease: Lease, pending: readonly Pending[]): Promise<void> {
    this.#pacing = paced(this.#pacing, this.#parts.context.clock.monotonic());
    await this.#pass(lease, pending, pending);
  }

  /**
   * About people who have no marks of their own for it, and those who left: a mark of these that the pass does not know of would cut it
   * short each time, and its turn comes before that of the marks.
   */
  async about(lease: Lease, people: readonly string[]): Promise<void> {
    const leaving = await this.whoLeft();
    await this.#pass(lease, named(new Set([...people, ...leaving.map(({ id }) => id)])), leaving);
  }

  /**
   * About those whose id became free, with the marks that wait: as long as one does, whoever was called otherwise since owes those ids anew,
   * and gives none free. They are told once, and have no mark: where it does not come to its end, everybody is looked at.
   * @returns whether there was anybody
   */
  async aboutFreed(lease: Lease): Promise<boolean> {
    const { store, clock } = this.#parts.context;
    if (this.#parts.memory.unread === true) return false;
    const freed = await store.read((db, breathe) => this.#waiting.freed(db, breathe));
    if (freed.length === 0) return false;
    let again: number | undefined = clock.now();
    try {
      const pending = await this.pending();
      again = await this.#pass(lease, [...pending, ...named(freed)], pending);
    } finally {
      if (again !== undefined) this.#parts.schedule.allBy(again);
    }
    return true;
  }

  /** About everybody. @returns when everybody is to be looked at again: it could not finish, or what it took back waits; undefined where not */
  async aboutAll(lease: Lease): Promise<number | undefined> {
    return this.#pass(lease, 'all', await this.pending(PASS_LIMIT * 50));
  }

  async #pass(lease: Lease, scope: Scope, pending: readonly Pending[]): Promise<number | undefined> {
    const { context, config, controller, memory, schedule } = this.#parts;
    const result = await pass(context, config, controller, lease, memory, scope, {
      by: 'automatic',
      pending,
      // At once: what comes after it in the same pass may fail.
      settled: ({ recheck }) => {
        if (recheck) schedule.recheckAfter(context.clock.now());
      },
      urgent: async (done) => done > 0 && this.#someoneLeft(pending),
    });
    const now = context.clock.now();
    const { assessed } = result;
    this.#parts.through();
    this.#waiting.note(assessed.identities.people, assessed.live.capabilities.userIds);
    const soon = now + context.config.sync.fingerprintEvery;
    schedule.fingerprintAt = Math.min(schedule.fingerprintAt, soon);
    const back = result.failed === 0 && takesBack(assessed);
    if (result.failed > 0) schedule.allBy(soon);
    else if (back) schedule.allBy(now);
    if (this.#openings.concern(assessed)) schedule.allBy(now);
    compareAllIfChanged(memory, schedule, now);
    await noteRead(context, config.name, memory);
    if (result.stopped === undefined) return back ? now : undefined;
    return now + (result.stopped.kind === 'interrupted' ? RESUME_MS : RETRY_MS);
  }

  /** Whether somebody left, or was ordered to leave, that this pass does not know of. */
  async #someoneLeft(known: readonly Pending[]): Promise<boolean> {
    const { context, config } = this.#parts;
    return unknownMarks(await this.whoLeft(), known).length > 0 || leaverOrderWaits(context.store, config.name);
  }
}

/** A pass over these people. */
function named(people: Iterable<string>): { readonly kind: 'user'; readonly id: string }[] {
  return [...people].map((id) => ({ kind: 'user', id }));
}
