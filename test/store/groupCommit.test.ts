import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Timers } from '../../src/access/ports/timers.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import type { Store, Tx } from '../../src/store/store.ts';
import { engine, openTestStore } from './open.ts';

const insert = async ({ db }: Tx, key: string): Promise<void> => {
  await db.insertInto('expired').values({ key, at: 'now' }).execute();
};
const keys = async (store: Store): Promise<string[]> =>
  (await store.read((db) => db.selectFrom('expired').select('key').execute())).map((row) => row.key).sort();

test('a thousand writes at once share a handful of turns', async (t) => {
  let turns = 0;
  const timers: Timers = {
    ...systemTimers,
    nextTurn: (run) => {
      turns += 1;
      systemTimers.nextTurn(run);
    },
  };
  // A clock that stands: how much fits into a slice of real time is another matter.
  const store = await openTestStore(t, { timers, clock: { ...systemClock, monotonic: () => 0 } });
  await Promise.all(Array.from({ length: 1000 }, (_, i) => store.write((tx) => insert(tx, `${i}`))));
  assert.ok(turns <= 10, `${turns} turns`);
  assert.equal((await keys(store)).length, 1000);
});

test('a write that waits for the outside world is undone, the others stay', async (t) => {
  const store = await openTestStore(t);
  const outside = Promise.withResolvers<void>();
  const outcomes = await Promise.allSettled([
    store.write((tx) => insert(tx, 'before')),
    store.write(async (tx) => {
      await insert(tx, 'outside');
      await outside.promise;
    }),
    store.write(async (tx) => {
      await insert(tx, 'turn');
      await nextTurn();
    }),
    store.write((tx) => insert(tx, 'after')),
  ]);
  outside.resolve();
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  assert.match(String((outcomes[1] as PromiseRejectedResult).reason), /waited for something else/);
  assert.deepEqual(await keys(store), ['after', 'before']);
});

test('a write inside a write is undone instead of waiting for itself for ever', async (t) => {
  const store = await openTestStore(t);
  let inner: Promise<void> | undefined;
  const outer = store.write(async (tx) => {
    await insert(tx, 'outer');
    inner = store.write((other) => insert(other, 'inner'));
    await inner;
  });
  await assert.rejects(outer, /waited for something else/);
  await inner;
  assert.deepEqual(await keys(store), ['inner']);
});

test('what an undone write does later harms nobody', async (t) => {
  const store = await openTestStore(t);
  let late: Promise<unknown> = Promise.resolve();
  const slow = store.write(async (tx) => {
    await nextTurn();
    late = insert(tx, 'late').catch((error: unknown) => error);
  });
  await assert.rejects(slow);
  await store.write((tx) => insert(tx, 'next'));
  assert.match(String(await late), /after its transaction had ended/);
  assert.deepEqual(await keys(store), ['next']);
});

test('transactions are not the business of a callback', async (t) => {
  const store = await openTestStore(t);
  const own = store.write(({ db }) =>
    db.transaction().execute(async (inner) => {
      await inner.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
    }),
  );
  await assert.rejects(own, /the store opens and ends transactions/);
  assert.deepEqual(await keys(store), []);
});

test('whatever mixture of writes succeeds and fails, exactly the successful ones are stored', async (t) => {
  const store = await openTestStore(t);
  let run = 0;
  const attempt = fc.record({ fails: fc.boolean(), rows: fc.integer({ min: 0, max: 4 }), pauses: fc.boolean() });
  const property = fc.asyncProperty(fc.array(attempt, { maxLength: 20 }), async (attempts) => {
    const prefix = `${run++}-`;
    await Promise.allSettled(
      attempts.map(async ({ fails, rows, pauses }, index) => {
        if (pauses) await nextTurn();
        await store.write(async (tx) => {
          for (let row = 0; row < rows; row++) await insert(tx, `${prefix}${index}-${row}`);
          if (fails) throw new Error('no');
        });
      }),
    );
    const expected = attempts.flatMap(({ fails, rows }, index) =>
      fails ? [] : Array.from({ length: rows }, (_, row) => `${prefix}${index}-${row}`),
    );
    assert.deepEqual(
      (await keys(store)).filter((key) => key.startsWith(prefix)),
      expected.sort(),
    );
  });
  await fc.assert(property, { numRuns: 50 });
});

test('a batch that has taken its time leaves the rest to the next turn', async (t) => {
  let now = 0;
  const store = await openTestStore(t, { clock: { now: () => now, monotonic: () => now } });
  let committed = 0;
  const seen: number[] = [];
  const writes = Array.from({ length: 6 }, (_, i) =>
    store.write(async (tx) => {
      await insert(tx, `${i}`);
      seen.push(committed);
      tx.afterCommit(() => {
        committed += 1;
      });
      now += 12;
    }),
  );
  await Promise.all(writes);
  assert.deepEqual(seen, [0, 0, 2, 2, 4, 4]);
  assert.deepEqual(await keys(store), ['0', '1', '2', '3', '4', '5']);
});

test('more readers than connections take turns, and closing waits for them', async (t) => {
  const store = await openTestStore(t);
  await store.write((tx) => insert(tx, 'a'));
  let running = 0;
  let most = 0;
  const reads = Array.from({ length: 12 }, () =>
    store.read(async (db) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      const rows = await db.selectFrom('expired').selectAll().execute();
      running -= 1;
      return rows.length;
    }),
  );
  await nextTurn();
  const closing = store.close();
  assert.deepEqual(await Promise.all(reads), Array(12).fill(1));
  await closing;
  assert.ok(most > 1 && most <= 4, `${most} at once`);
});

test('a reader that fails gives its connection back', async (t) => {
  const store = await openTestStore(t);
  for (let i = 0; i < 20; i++)
    await assert.rejects(
      store.read(() => Promise.reject(new Error('mine'))),
      /mine/,
    );
  assert.deepEqual(await keys(store), []);
});

test('a write that is alone shares no commit, neither with those before it nor with those after it', async (t) => {
  const store = await openTestStore(t);
  let seen: string[] | undefined;
  const before = store.write((tx) => insert(tx, 'before'));
  const alone = store.write((tx) => insert(tx, 'alone'), { alone: true });
  const after = store.write(async (tx) => {
    await insert(tx, 'after');
    throw new Error('undone');
  });
  const last = store.write((tx) => insert(tx, 'last'));
  before.then(async () => {
    seen = await keys(store);
  });
  await assert.rejects(after, /undone/);
  await Promise.all([before, alone, last]);
  if (engine() === 'sqlite') assert.deepEqual(seen, ['before']);
  assert.deepEqual(await keys(store), ['alone', 'before', 'last']);
});

test('a write that breathes goes on over many turns, in one transaction, while others wait and readers do not', async (t) => {
  const store = await openTestStore(t);
  const seen: string[] = [];
  const long = store.write(async (tx) => {
    for (let part = 0; part < 20; part++) {
      await insert(tx, `part-${String(part).padStart(2, '0')}`);
      await tx.breathe();
    }
    seen.push('long');
  });
  const other = store.write((tx) => insert(tx, 'other').then(() => void seen.push('other')));
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  assert.deepEqual(await keys(store), [], 'not committed, and not in the way of readers');
  await Promise.all([long, other]);
  assert.deepEqual(seen, ['long', 'other']);
  assert.equal((await keys(store)).length, 21);
});

test('a write that waits for something else is undone, though it breathed before', async (t) => {
  const store = await openTestStore(t);
  await assert.rejects(
    store.write(async (tx) => {
      await insert(tx, 'a');
      await tx.breathe();
      await insert(tx, 'b');
      await nextTurn();
    }),
    /waited for something else/,
  );
  await assert.rejects(
    store.write(async (tx) => {
      await tx.breathe();
      await insert(tx, 'c');
      throw new Error('in the midst');
    }),
    /in the midst/,
  );
  await store.write((tx) => insert(tx, 'd'));
  assert.deepEqual(await keys(store), ['d']);
});

test('a read that breathes keeps its snapshot', async (t) => {
  const store = await openTestStore(t);
  await store.write((tx) => insert(tx, 'a'));
  const found = await store.read(async (db, breathe) => {
    await store.write((tx) => insert(tx, 'b'));
    await breathe();
    return db.selectFrom('expired').select('key').execute();
  });
  assert.deepEqual(
    found.map(({ key }) => key),
    ['a'],
  );
});
