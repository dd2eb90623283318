import type { Clock } from '../access/ports/clock.ts';

/** Milliseconds of which one record stands for all that were acknowledged in them. */
const SLOT_MS = 500;
/** Milliseconds that are remembered: those between two signed heads that are kept outside, and as many for the one that finds them gone. */
const KEPT_MS = 150_000;

/** A record whose commit was acknowledged. */
export interface AcknowledgedRecord {
  readonly uid: string;
  /** RFC 3339 instant of the record. */
  readonly at: string;
}

/**
 * What this process knows to be in the ledger. A standby that took over, or a dump that was put back, may not have heard of the last commits;
 * the newest signed head that is kept outside is older than they are.
 */
export class Acknowledged {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By the number of their slot, oldest first. */
  #kept = new Map<number, AcknowledgedRecord>();
  #unseen = false;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Once its commit is acknowledged. */
  note(record: AcknowledgedRecord): void {
    this.#kept.set(this.#slot(), record);
    this.#unseen = true;
  }

  /** Whether something was noted since all of it was seen. */
  get isUnseen(): boolean {
    return this.#unseen;
  }

  /** Oldest first. */
  all(): readonly AcknowledgedRecord[] {
    return [...this.#kept.values()];
  }

  /** All but `gone` were there when they were looked at; what nobody has to look at again is forgotten. */
  seen(looked: readonly AcknowledgedRecord[], gone: readonly AcknowledgedRecord[]): void {
    const oldest = this.#slot() - KEPT_MS / SLOT_MS;
    for (const [slot, record] of this.#kept)
      if (gone.includes(record) || (slot < oldest && looked.includes(record))) this.#kept.delete(slot);
    this.#unseen = this.all().some((record) => !looked.includes(record));
  }

  #slot(): number {
    return Math.floor(this.#clock.monotonic() / SLOT_MS);
  }
}
