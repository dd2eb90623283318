import { type Clock, instant } from '../../access/ports/clock.ts';
import { refuse } from '../../errors.ts';
import type { Store } from '../../store/store.ts';

type Db = Parameters<Parameters<Store['read']>[0]>[0];

/**
 * How many changes each connection has made today (UTC). The journal is the truth; between two readings of it each commit of this
 * process is counted in memory, so that a write costs no further statement. Other replicas' changes are known at the next reading.
 */
export class DailyWrites {
  readonly #clock: Clock;
  /** The day that is counted. */
  #day = '';
  /** The day that was read from the journal. */
  #read = '';
  /** The last row of the journal that has been counted. */
  #seq = 0;
  #counted = new Map<string, number>();
  #since = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Reads what the journal has of today and was not counted yet. */
  async read(store: Pick<Store, 'read'>): Promise<void> {
    const day = dayOf(instant(this.#clock));
    const since = this.#since;
    this.#since = new Map();
    try {
      const { seq, counted } = await store.read(async (db) => {
        // A dump, or a standby that had not heard of the last commits, gives numbers of rows once more.
        const fresh = day !== this.#read || (await lastSeq(db)) < this.#seq;
        const counted = new Map(fresh ? [] : this.#counted);
        const from = fresh ? await firstSeq(db, day) : this.#seq;
        const rows = await db
          .selectFrom('journal')
          .select(['connection', (e) => e.fn.countAll<number | string>().as('n'), (e) => e.fn.max('seq').as('last')])
          .where('seq', '>', from)
          .groupBy('connection')
          .execute();
        for (const { connection, n } of rows) counted.set(connection, (counted.get(connection) ?? 0) + Number(n));
        return { counted, seq: rows.reduce((last, row) => Math.max(last, Number(row.last)), from) };
      });
      this.#day = day;
      this.#read = day;
      this.#seq = seq;
      this.#counted = counted;
    } catch (error) {
      for (const [connection, n] of since) this.#since.set(connection, n + (this.#since.get(connection) ?? 0));
      throw error;
    }
  }

  /** One more change was committed. */
  add(connection: string): void {
    this.#since.set(connection, (this.#since.get(connection) ?? 0) + 1);
  }

  used(connection: string): number {
    return (this.#counted.get(connection) ?? 0) + (this.#since.get(connection) ?? 0);
  }

  /** @throws ScimError SCIM_DAILY where the day's changes are used up at `at`; a new day has none yet */
  require(connection: string, limit: number, at: string): void {
    if (dayOf(at) !== this.#day) {
      this.#day = dayOf(at);
      this.#counted = new Map();
      this.#since = new Map();
    }
    if (this.used(connection) >= limit) throw refuse('SCIM_DAILY', { limit, seconds: secondsLeft(at) });
  }
}

function dayOf(at: string): string {
  return at.slice(0, 10);
}

/** Seconds until the day of `at` is over. */
function secondsLeft(at: string): number {
  return Math.max(1, Math.ceil((Date.parse(`${dayOf(at)}T00:00:00.000Z`) + 86_400_000 - Date.parse(at)) / 1000));
}

async function lastSeq(db: Db): Promise<number> {
  const { last } = await db
    .selectFrom('journal')
    .select((e) => e.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  return Number(last ?? 0);
}

/** The last row of the journal before the day: halves the rows instead of reading them all, for `at` has no index and goes up. */
async function firstSeq(db: Db, day: string): Promise<number> {
  let low = 0;
  let high = await lastSeq(db);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await db
      .selectFrom('journal')
      .select(['seq', 'at'])
      .where('seq', '>', middle)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined || row.at >= day) high = middle;
    else low = Number(row.seq);
  }
  return low;
}
