import type { Clock } from '../access/ports/clock.ts';

/** Milliseconds of which one record stands for all that were acknowledged in them, once a look has found all of them there. */
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
  /** With the number of their slot, oldest first. */
  #kept: { readonly slot: number; readonly record: AcknowledgedRecord }[] = [];
  /** The newest that was looked at and was there. */
  #seen: AcknowledgedRecord | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Once its commit is acknowledged. */
  note(record: AcknowledgedRecord): void {
    this.#kept.push({ slot: this.#slot(), record });
  }

  /** Whether something was noted since that was seen. */
  get isUnseen(): boolean {
    return this.#kept.at(-1)?.record !== this.#seen;
  }

  /** Oldest first. */
  all(): readonly AcknowledgedRecord[] {
    return this.#kept.map(({ record }) => record);
  }

  /** What was noted since something was seen, and that: who asks it again and again cannot miss what is gone. Oldest first. */
  lately(): readonly AcknowledgedRecord[] {
    const all = this.all();
    return all.slice(this.#seen === undefined ? 0 : all.indexOf(this.#seen));
  }

  /**
   * All but `gone` were there when they were looked at, all at one moment; what nobody has to look at again is forgotten. A record stands
   * for none before it that was not found beside it: a standby that took over in between has the newer one alone.
   */
  seen(looked: readonly AcknowledgedRecord[], gone: readonly AcknowledgedRecord[]): void {
    const [known, lost] = [new Set(looked), new Set(gone)];
    const oldest = this.#slot() - KEPT_MS / SLOT_MS;
    const there = this.#kept.filter(({ record }) => !lost.has(record));
    const newest = new Map(there.flatMap(({ slot, record }) => (known.has(record) ? [[slot, record]] : [])));
    this.#kept = there.filter(
      ({ slot, record }) => !known.has(record) || (slot >= oldest && newest.get(slot) === record),
    );
    this.#seen = this.all().findLast((record) => known.has(record));
  }

  #slot(): number {
    return Math.floor(this.#clock.monotonic() / SLOT_MS);
  }
}
