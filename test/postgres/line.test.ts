import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { runBlind } from '../../src/store/blind.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store, Tx } from '../../src/store/store.ts';
import { seededRandom } from '../sim/time.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';
import { countFlights } from './flights.ts';

const skip = postgresMissing ?? false;
/** However slow the machine is, what is written together shares its commit. */
const STILL = { now: systemClock.now, monotonic: () => 0 };

async function opened(t: TestContext) {
  const flights = await countFlights(t, await temporaryDatabase(t));
  const store = await openStore(flights.url, { clock: STILL, timers: systemTimers, log: SILENT });
  t.after(() => store.close());
  return { store, flights };
}

const put = (tx: Tx, key: string) => runBlind(tx.db, tx.db.insertInto('expired').values({ key, at: 'now' }));
const keys = async ({ db }: Pick<Tx, 'db'>): Promise<string[]> =>
  (await db.selectFrom('expired').select('key').orderBy('key').execute()).map(({ key }) => key);
const stored = (store: Store) => store.read((db) => keys({ db }));

/** Refuses where the key is there. */
async function absent(tx: Tx, key: string): Promise<void> {
  const found = await tx.db.selectFrom('expired').select('key').where('key', '=', key).executeTakeFirst();
  if (found !== undefined) throw new Error(`${key} is there`);
}

async function blindPut(tx: Tx, key: string): Promise<string> {
  await tx.given(absent(tx, key));
  await runBlind(
    tx.db,
    tx.db
      .insertInto('expired')
      .values({ key, at: 'now' })
      .onConflict((conflict) => conflict.doNothing()),
  );
  return key;
}

test('postgres: writes that wait for nothing go one behind the other, a few round trips for all of them', {
  skip,
}, async (t) => {
  const { store, flights } = await opened(t);
  await store.write((tx) => blindPut(tx, 'first'));
  await flights.still();
  flights.take();
  await Promise.all(Array.from({ length: 40 }, (_, n) => store.write((tx) => blindPut(tx, `k${n}`))));
  const taken = flights.take();
  assert.ok(taken <= 8, `${taken} round trips for 40 writes`);
  assert.equal((await stored(store)).length, 41);
});

test('postgres: a write alone whose check refuses it is not committed', { skip }, async (t) => {
  const { store } = await opened(t);
  const refused = store.write(async (tx) => {
    await tx.given(Promise.reject(new Error('no')));
    await put(tx, 'a');
    tx.afterCommit(() => assert.fail('it was not committed'));
  });
  await assert.rejects(refused, /^Error: no$/);
  assert.deepEqual(await stored(store), []);
});

test('postgres: what a check says comes before what its write met, and before what its callback throws', {
  skip,
}, async (t) => {
  const { store } = await opened(t);
  await store.write((tx) => put(tx, 'a'));
  const both = store.write(async (tx) => {
    await tx.given(absent(tx, 'a'));
    await put(tx, 'a');
  });
  await assert.rejects(both, /a is there/);
  const thrown = store.write(async (tx) => {
    await tx.given(absent(tx, 'a'));
    throw new Error('later');
  });
  await assert.rejects(thrown, /a is there/);
});

/** What a write may be, and what it does to keys that are stored; undefined where it is refused. */
interface Kind {
  readonly run: (tx: Tx, key: string, seen: (keys: readonly string[]) => void) => Promise<unknown>;
  readonly model: (keys: ReadonlySet<string>, key: string) => readonly string[] | undefined;
}

const KINDS: Readonly<Record<string, Kind>> = {
  given: { run: blindPut, model: (keys, key) => (keys.has(key) ? undefined : [key]) },
  blind: { run: put, model: (keys, key) => (keys.has(key) ? undefined : [key]) },
  breathing: {
    async run(tx, key) {
      await tx.given(absent(tx, key));
      await put(tx, `${key} before`);
      await tx.breathe();
      await put(tx, key);
    },
    model: (keys, key) => (keys.has(key) || keys.has(`${key} before`) ? undefined : [key, `${key} before`]),
  },
  reading: {
    async run(tx, key, seen) {
      seen(await keys(tx));
      await put(tx, key);
    },
    model: (keys, key) => (keys.has(key) ? undefined : [key]),
  },
  surviving: {
    async run(tx, key) {
      await put(tx, `${key} survived`);
      await tx.db
        .insertInto('expired')
        .values({ key, at: 'now' })
        .execute()
        .catch(() => {});
    },
    model: (keys, key) => (keys.has(`${key} survived`) ? undefined : [key, `${key} survived`]),
  },
  throwing: {
    async run(tx, key) {
      await put(tx, `${key} thrown`);
      throw new Error('thrown');
    },
    model: () => undefined,
  },
  refused: {
    async run(tx, key) {
      await put(tx, `${key} refused`);
      await tx.given(keys(tx).then(() => Promise.reject(new Error('refused'))));
    },
    model: () => undefined,
  },
};

test('postgres: whatever writes share a commit, each stands or falls alone, as if they had come one after another', {
  skip,
}, async (t) => {
  const { store } = await opened(t);
  const random = seededRandom(Number(process.env.PROPERTY_SEED ?? 5));
  const pick = (most: number): number => (random.bytes(1)[0] ?? 0) % most;
  const model = new Set<string>();
  for (let batch = 0; batch < 60; batch++) {
    const told: string[] = [];
    const expected: string[] = [];
    const writes = Array.from({ length: 2 + pick(38) }, async (_, n) => {
      const name = Object.keys(KINDS)[pick(batch % 3 === 0 ? 2 : Object.keys(KINDS).length)]!;
      const key = `k${pick(batch % 2 === 0 ? 255 : 20)}`;
      const label = `${batch}.${n} ${name} ${key}`;
      const before = new Set(model);
      const added = KINDS[name]!.model(model, key);
      for (const one of added ?? []) model.add(one);
      if (added !== undefined) expected.push(label);
      const found = await store
        .write(async (tx) => {
          tx.afterCommit(() => told.push(label));
          await KINDS[name]!.run(tx, key, (seen) => assert.deepEqual(new Set(seen), before, label));
        })
        .then(
          () => 'stands',
          (error) => `refused: ${error}`,
        );
      assert.match(found, added === undefined ? /^refused/ : /^stands$/, label);
    });
    await Promise.all(writes);
    assert.deepEqual(told, expected, 'hooks run in order, of those that stand');
    assert.deepEqual(new Set(await stored(store)), model);
  }
});
