import type { TestContext } from 'node:test';
import { sql } from 'kysely';
import type { Clock } from '../../src/access/ports/clock.ts';
import type { LedgerEvent } from '../../src/access/ports/recorder.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import type { Caller, Directory } from '../../src/directory/directory.ts';
import { createFactsReader } from '../../src/directory/facts/factsReader.ts';
import { DEFAULT_QUOTAS, type Quotas } from '../../src/directory/quotas/quotas.ts';
import { NOTHING_UNIQUE, type UniquePaths } from '../../src/directory/unique/uniquePaths.ts';
import type { Attributes, MemberRef } from '../../src/scim/resource.ts';
import { rowsOf } from '../../src/store/sql/lists.ts';
import type { Store } from '../../src/store/store.ts';
import { seededRandom } from '../sim/time.ts';
import { openTestStore, openTestStores } from '../store/open.ts';

/** A directory over a database of its own, with everything it did to be looked at. */
export interface Bench {
  readonly store: Store;
  readonly directory: Directory;
  /** What was recorded and committed, in order. */
  readonly events: LedgerEvent[];
  /** SQL of the queries since the last `take`. */
  statements(): string[];
  /** How often the reconciler was woken. */
  woken(): number;
  user(userName: string, more?: Attributes, as?: Caller): Promise<string>;
  group(displayName: string, members?: readonly string[], as?: Caller): Promise<string>;
  /** Marks as `kind id`, sorted. */
  marks(): Promise<string[]>;
  /** Forgets marks, events and statements. */
  forget(): Promise<void>;
}

export const OKTA: Caller = { connection: 'okta', credential: 'token-1', request: 'request-1' };
export const ENTRA: Caller = { connection: 'entra', credential: 'token-2', request: 'request-2' };

/** Goes on by a second with each reading. */
export function tickingClock(): Clock {
  let now = Date.parse('2026-11-24T08:00:00.000Z');
  return {
    now: () => {
      now += 1000;
      return now;
    },
    monotonic: () => now,
  };
}

export function refs(ids: readonly string[]): MemberRef[] {
  return ids.map((value) => ({ value }));
}

/** Services over one database, each with a handle of its own. */
export async function openReplicas(t: Pick<TestContext, 'after'>, count: number, unique: UniquePaths) {
  const stores = await openTestStores(t, count);
  return stores.map((store, n) => directoryOver(store, unique, 100 + n));
}

/** One more service over a store; ids follow from the seed. */
export function directoryOver(store: Store, unique: UniquePaths, seed: number): Directory {
  const parts = { store, unique, clock: tickingClock(), random: seededRandom(seed), wake: () => {} };
  return createDirectory({ ...parts, recorder: { record: async () => {} } });
}

export async function openBench(
  t: Pick<TestContext, 'after'>,
  quotas: Partial<Quotas> = {},
  requireRoom: (takesAwayToo: boolean) => void = () => {},
  unique: UniquePaths = NOTHING_UNIQUE,
): Promise<Bench> {
  const events: LedgerEvent[] = [];
  const statements: string[] = [];
  let woken = 0;
  const store = await openTestStore(t, { observe: (sql) => statements.push(sql) });
  const directory = createDirectory({
    store,
    clock: tickingClock(),
    random: seededRandom(),
    recorder: {
      record: async (tx, event) => {
        tx.afterCommit(() => events.push(event));
      },
    },
    wake: () => {
      woken += 1;
    },
    quotas: () => ({ ...DEFAULT_QUOTAS, ...quotas }),
    requireRoom,
    unique,
  });
  const reader = createFactsReader();
  return {
    store,
    directory,
    events,
    statements: () => statements.splice(0),
    woken: () => woken,
    user: async (userName, more = {}, as = OKTA) =>
      (await directory.createUser(as, { userName, active: true, ...more })).id,
    group: async (displayName, members = [], as = OKTA) =>
      (await directory.createGroup(as, { displayName }, refs(members))).id,
    marks: async () =>
      (await store.read((db) => reader.dirty(db, 100_000))).map(({ kind, id }) => `${kind} ${id}`).sort(),
    forget: async () => {
      await store.write(async ({ db }) => {
        await db.deleteFrom('dirty').execute();
      });
      events.length = 0;
      statements.length = 0;
    },
  };
}

/** People by one statement, past the directory: a crowd to work with, without marks and records. */
export async function crowd({ store }: Pick<Bench, 'store'>, count: number): Promise<string[]> {
  const random = seededRandom(count);
  const ids = Array.from({ length: count }, () => random.id());
  const rows = ids.map((id, n) => [id, `crowd${n}`, JSON.stringify({ userName: `crowd${n}`, active: true })] as const);
  await store.write(async ({ db }) => {
    await sql`INSERT INTO users (id, connection, user_name, user_name_key, active, document, created_at, modified_at, version)
      SELECT id, 'okta', name, name, 1, document, '2025-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z', 1
      FROM ${rowsOf({ id: 'text', name: 'text', document: 'text' }, rows)} AS crowd`.execute(db);
    const value = sql<number>`counters.value + excluded.value`;
    await db
      .insertInto('counters')
      .values({ name: 'users:okta', value: count })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  });
  return ids;
}
