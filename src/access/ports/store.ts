import type { Kysely } from 'kysely';

/** Gives requests and timers their turn in the midst of long work. */
export type Breathe = () => Promise<void>;

/** A running transaction. Nothing inside may wait for the outside world: only queries on `db`, and `breathe`. */
export interface Transaction<Tables> {
  readonly db: Kysely<Tables>;
  /** Writes of others wait meanwhile, reads do not: for work that takes longer than 50 ms. */
  readonly breathe: Breathe;
  /**
   * What the write stands on: where `check` rejects, the write is undone and refused with that. Its queries are all asked for by now.
   * A file waits for it; to a server goes what comes next without waiting, which must not fail there only because the check does.
   */
  given(check: Promise<unknown>): Promise<void>;
  /** Runs after the commit is durable; never when it fails. */
  afterCommit(run: () => void): void;
}

export interface WriteOptions {
  /** Shares no commit: for thousands of rows, which could otherwise be undone alone only by keeping what was there before in memory. */
  readonly alone?: boolean;
  /** Alone, and worth a thread of its own on an engine that computes in this process. */
  readonly long?: boolean;
  /** For whom it is: those who wait take turns, however many writes each of them has. */
  readonly lane?: string;
}

export interface ReadOptions {
  /**
   * By statements that an index answers; where the store is `far`, all of them asked for before the first answer. Those of one turn of
   * the event loop begin together: a server gets what they ask in one message, a file shows them one snapshot.
   */
  readonly atOnce?: boolean;
  /**
   * By statements that look through very much: worth a thread on an engine that computes in this process. Where the thread is lost,
   * the callback runs anew in another one; then STORE_THREAD.
   */
  readonly long?: boolean;
}

/**
 * The store as its users need it. Many writes may share one commit.
 * Conformance: `test/store/conformance.ts` runs over every engine.
 */
export interface StorePort<Tables> {
  /**
   * Runs `work` in a transaction of its own and resolves when it is durable.
   * An error of `work` undoes only its own changes.
   * @throws ScimError STORE_BUSY, STORE_FAILED: nothing was made durable
   */
  write<T>(work: (tx: Transaction<Tables>) => Promise<T>, options?: WriteOptions): Promise<T>;
  /** Reads committed rows only, one snapshot for the whole callback, over as many turns of the event loop as it takes. */
  read<T>(work: (db: Kysely<Tables>, breathe: Breathe) => Promise<T>, options?: ReadOptions): Promise<T>;
  /**
   * Equal texts mean that no commit, of this process or another, has changed these tables in between: for what is remembered of
   * them. Costs no round trip; undefined where that cannot be said now, absent on an engine that cannot say it.
   */
  stamp?(tables: readonly (keyof Tables & string)[]): string | undefined;
  /** Each answer takes a round trip: statements that do not need each other's answers are worth asking at once. Absent on a file. */
  readonly far?: true;
  /**
   * Whether writes of others are on their way, so that one that waits for no answers of its own lets more of them share a round trip.
   * Absent on a file.
   */
  crowded?(): boolean;
  close(): Promise<void>;
}
