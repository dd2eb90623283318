import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { WriteOptions } from '../../src/access/ports/store.ts';
import { systemClock, systemRandom } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { SEAL_BATCH, SEAL_BATCH_HERE, SEAL_BYTES, sealBatch } from '../../src/ledger/sealing.ts';
import type { Store, Tx } from '../../src/store/store.ts';
import { explain } from '../directory/plan.ts';
import { engine, openTestStore } from '../store/open.ts';

/** A ledger, and what each of its transactions read and sealed. */
async function counting(t: TestContext) {
  let statements = 0;
  const batches: { read: number; lengths: number[] }[] = [];
  const store = await openTestStore(t, { observe: () => void statements++ });
  const keys = parseKeyFile(newKeyFile(systemRandom.bytes));
  const watched = async <T>(work: (tx: Tx) => Promise<T>, options?: WriteOptions): Promise<T> =>
    store.write(async (tx) => {
      const batch = { read: 0, lengths: [] as number[] };
      const executor = tx.db.getExecutor();
      const run = executor.executeQuery.bind(executor);
      t.mock.method(executor, 'executeQuery', async (query: never) => {
        const result = await run(query);
        for (const row of result.rows as { body?: string; id?: number }[])
          if (row.body !== undefined) {
            batch.read += row.body.length;
            batch.lengths.push(row.body.length);
          }
        return result as never;
      });
      const value = await work(tx);
      if (batch.lengths.length > 0) batches.push(batch);
      return value;
    }, options);
  const parts = { keys, clock: systemClock, random: systemRandom };
  const plain = createLedger({ store, ...parts });
  const ledger = createLedger({ store: { ...store, write: watched }, ...parts });
  const record = (sizes: readonly number[]): Promise<void> =>
    store.write(async (tx) => {
      for (const [n, size] of sizes.entries())
        await plain.record(tx, { kind: 'test', body: { n, text: 'x'.repeat(size) } });
    });
  return {
    ...{ store, parts, ledger, record, batches },
    statements: () => {
      const found = statements;
      statements = 0;
      return found;
    },
  };
}

const unsealed = async (store: Store): Promise<number> =>
  (
    await store.read((db) => sql<{ count: number }>`SELECT count(*) AS count FROM ledger WHERE seq IS NULL`.execute(db))
  ).rows.map(({ count }) => Number(count))[0]!;

test('sealing many records holds up other writers for a few statements, not for one each', async (t) => {
  const { ledger, record, statements } = await counting(t);
  await record(Array.from({ length: SEAL_BATCH_HERE - 1 }, () => 1));
  statements();
  assert.equal(await ledger.seal(), SEAL_BATCH_HERE - 1);
  const found = statements();
  assert.ok(found <= 6, `${found} statements`);
  assert.equal((await ledger.verify(undefined)).records, SEAL_BATCH_HERE - 1);
});

test('a transaction seals 32 records at most, 100 on a server, of large ones so many as make 256 KB, and reads no others', async (t) => {
  const { ledger, record, batches, store } = await counting(t);
  await record([...Array.from({ length: 60 }, () => 40_000), 900_000, ...Array.from({ length: 250 }, () => 10)]);
  assert.equal(await ledger.seal(), 311);
  assert.equal(await unsealed(store), 0);
  const most = engine() === 'sqlite' ? SEAL_BATCH_HERE : SEAL_BATCH;
  for (const { lengths } of batches) {
    assert.ok(lengths.length <= most, `${lengths.length} records`);
    const before = lengths.slice(0, -1).reduce((sum, length) => sum + length, 0);
    assert.ok(before < SEAL_BYTES, `${before} bytes before the last`);
  }
  assert.equal(
    batches.reduce((sum, { lengths }) => sum + lengths.length, 0),
    311,
    'each is read once',
  );
  assert.ok(batches.length <= 10 + Math.ceil(311 / most), `${batches.length} transactions`);
  assert.equal((await ledger.verify(undefined)).records, 311);
});

test('to seal the next records none of those that are sealed is looked at, however many there are', async (t) => {
  const { store, ledger, record } = await counting(t);
  await record(Array.from({ length: 2_000 }, () => 1));
  await ledger.seal();
  await record([1]);
  const words: string[] = [];
  await store.write(async ({ db }) => {
    const executor = db.getExecutor();
    const run = executor.executeQuery.bind(executor);
    t.mock.method(executor, 'executeQuery', async (query: never) => {
      words.push((query as { sql: string }).sql);
      return run(query);
    });
    assert.equal((await sealBatch(db, new Uint8Array(32))).records, 1);
  });
  const [statement = ''] = words.filter((text) => text.includes('octet_length'));
  const plan = (await explain({ store }, statement)).join('\n');
  if (engine() === 'sqlite') {
    assert.match(plan, /SEARCH ledger USING INTEGER PRIMARY KEY \(rowid=\?\)/, plan);
    assert.doesNotMatch(plan, /SCAN ledger|rowid</, plan);
  } else {
    assert.match(plan, /Index Cond: \(id = /, plan);
    assert.doesNotMatch(plan, /Index Cond: \(id </, plan);
  }
});

test('sealing ends with what was there when it began, though more comes with each of its transactions', async (t) => {
  const { store, ledger, record, parts } = await counting(t);
  await record(Array.from({ length: 250 }, () => 1));
  let more = 0;
  const busy = createLedger({
    store: {
      ...store,
      write: async (work, options) => {
        if (more++ < 50) await record([1]);
        return store.write(work, options);
      },
    },
    ...parts,
  });
  assert.ok((await busy.seal()) >= 250);
  assert.equal(more, Math.ceil(250 / (engine() === 'sqlite' ? SEAL_BATCH_HERE : SEAL_BATCH)));
  await ledger.seal();
  assert.equal(await unsealed(store), 0);
});

test('PROPERTY: records of any sizes are chained in their order, whoever seals meanwhile', async (t) => {
  const { ledger, record, store } = await counting(t);
  let total = 0;
  const size = fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 200 }), weight: 6 },
    { arbitrary: fc.integer({ min: 0, max: 60_000 }), weight: 2 },
    { arbitrary: fc.integer({ min: 200_000, max: 400_000 }), weight: 1 },
  );
  const round = fc.array(size, { maxLength: 40 });
  const property = fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
    const sealing: Promise<number>[] = [];
    for (const sizes of rounds) {
      await record(sizes);
      total += sizes.length;
      sealing.push(ledger.seal(), ledger.seal());
    }
    await Promise.all(sealing);
    await ledger.seal();
    assert.equal(await unsealed(store), 0);
    const found = await ledger.verify(undefined);
    assert.deepEqual([found.records, found.unsealed], [total, 0]);
  });
  await fc.assert(property, { numRuns: 15 });
  const order = await store.read((db) => db.selectFrom('ledger').select(['id', 'seq']).orderBy('id').execute());
  assert.deepEqual(
    order.map(({ seq }) => seq),
    order.map((_, index) => index + 1),
  );
});
