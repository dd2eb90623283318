import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../src/access/ports/clock.ts';
import type { ScimError } from '../../src/errors.ts';
import { refuse } from '../../src/errors.ts';
import type { Store, StoreOptions, Tx } from '../../src/store/store.ts';
import type { Tables } from '../../src/store/tables.ts';

/** One empty database of an engine, for one test. */
export interface Place {
  open(options?: StoreOptions, clock?: Clock): Promise<Store>;
  /** Makes the commit that this transaction is part of fail. */
  failCommit(tx: Tx): Promise<void>;
  /** Lets a statement of this transaction fail for want of disk space. */
  exhaust(tx: Tx): Promise<void>;
  /** Undoes `exhaust`. */
  relieve(tx: Tx): Promise<void>;
  /** Another process takes the lock that writers need; the result releases it. */
  lock(): Promise<() => Promise<void>>;
  /** A real process writes keys; the keys that were acknowledged before it was killed. */
  killedWriter(prefix: string, acknowledged: number): Promise<readonly string[]>;
}

const insert = async ({ db }: { readonly db: Kysely<Tables> }, key: string): Promise<void> => {
  await db.insertInto('expired').values({ key, at: 'now' }).execute();
};
const select = async (db: Kysely<Tables>): Promise<string[]> =>
  (await db.selectFrom('expired').select('key').orderBy('key').execute()).map((row) => row.key);
const keys = (store: Store): Promise<string[]> => store.read(select);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

/** Time stands still: however slow the machine is, what is written together shares its commit. */
const STILL: Clock = { now: () => 1_800_000_000_000, monotonic: () => 0 };

/** What the store port promises, over any engine. */
export function conformance(engine: string, place: (t: TestContext) => Promise<Place>): void {
  const rule = (name: string, run: (t: TestContext, at: Place, store: Store) => Promise<void>): void => {
    test(`${engine}: ${name}`, async (t) => {
      const at = await place(t);
      await run(t, at, await at.open());
    });
  };

  rule('a write that resolved is read by everybody', async (_, at, store) => {
    assert.equal(await store.write((tx) => insert(tx, 'a').then(() => 7)), 7);
    assert.deepEqual(await keys(store), ['a']);
    assert.deepEqual(await keys(await at.open()), ['a']);
  });

  rule('a write sees its own changes and those of the writes before it', async (_, __, store) => {
    const seen: string[][] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((key) =>
        store.write(async (tx) => {
          await insert(tx, key);
          seen.push(await select(tx.db));
        }),
      ),
    );
    assert.deepEqual(seen, [['a'], ['a', 'b'], ['a', 'b', 'c']]);
  });

  rule('callbacks of writes run one after another, in order', async (_, __, store) => {
    const steps: string[] = [];
    const resolved: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((key) =>
        store
          .write(async (tx) => {
            for (const step of [1, 2, 3]) {
              await insert(tx, `${key}${step}`);
              steps.push(`${key}${step}`);
            }
          })
          .then(() => resolved.push(key)),
      ),
    );
    assert.deepEqual(steps, ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3']);
    assert.deepEqual(resolved, ['a', 'b', 'c']);
  });

  rule('readers see committed rows only', async (_, __, store) => {
    await store.write(async (tx) => {
      await insert(tx, 'a');
      assert.deepEqual(await keys(store), []);
    });
    assert.deepEqual(await keys(store), ['a']);
  });

  rule('a read is one snapshot, whatever is committed meanwhile', async (_, __, store) => {
    await store.write((tx) => insert(tx, 'a'));
    const [before, after] = await store.read(async (db) => {
      const first = await select(db);
      await store.write((tx) => insert(tx, 'b'));
      return [first, await select(db)];
    });
    assert.deepEqual([before, after], [['a'], ['a']]);
    assert.deepEqual(await keys(store), ['a', 'b']);
  });

  rule('the snapshot is taken before the callback runs', async (_, __, store) => {
    const seen = await store.read(async (db) => {
      await store.write((tx) => insert(tx, 'a'));
      return select(db);
    });
    assert.deepEqual(seen, []);
  });

  rule('many reads at once all answer', async (_, __, store) => {
    await store.write((tx) => insert(tx, 'a'));
    const reads = Array.from({ length: 50 }, () =>
      store.read(async (db) => {
        await turn();
        return select(db);
      }),
    );
    assert.ok((await Promise.all(reads)).every((found) => found.length === 1));
  });

  rule('reads that ask everything at once each get their own answers, of one snapshot', async (_, __, store) => {
    await Promise.all(['a', 'b', 'c'].map((key) => store.write((tx) => insert(tx, key))));
    const of = (db: Kysely<Tables>, key: string) =>
      db.selectFrom('expired').select('key').where('key', '=', key).execute();
    let more = true;
    const writing = (async () => {
      for (let n = 0; more; n++) await store.write((tx) => insert(tx, `more ${n}`));
    })();
    const found = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        store.read(
          async (db) => {
            const [first, own, last] = await Promise.all([select(db), of(db, 'abc'[n % 3]!), select(db)]);
            return { same: first.length === last.length, own: own.map(({ key }) => key) };
          },
          { atOnce: true },
        ),
      ),
    );
    more = false;
    await writing;
    assert.deepEqual(
      found,
      Array.from({ length: 200 }, (_, n) => ({ same: true, own: ['abc'[n % 3]!] })),
    );
  });

  rule('of reads that ask everything at once one that fails hurts no other', async (_, __, store) => {
    await store.write((tx) => insert(tx, 'a'));
    const wrong = sql`SELECT no_such_column FROM expired`;
    const reads = Array.from({ length: 9 }, (_, n) =>
      store.read((db): Promise<unknown> => (n % 3 === 1 ? wrong.execute(db) : select(db)), { atOnce: true }),
    );
    const found = (await Promise.allSettled(reads)).map(({ status }) => status);
    assert.deepEqual(
      found,
      reads.map((_, n) => (n % 3 === 1 ? 'rejected' : 'fulfilled')),
    );
    assert.deepEqual(await keys(store), ['a']);
  });

  rule('nobody writes in a read', async (_, __, store) => {
    await assert.rejects(store.read((db) => insert({ db }, 'a')));
    assert.deepEqual(await keys(store), []);
  });

  rule('an error undoes its own write only', async (_, __, store) => {
    const outcomes = await Promise.allSettled([
      store.write((tx) => insert(tx, 'a')),
      store.write(async (tx) => {
        await insert(tx, 'b');
        throw refuse('SCIM_NO_TARGET', { reason: 'no' });
      }),
      store.write(async (tx) => {
        await insert(tx, 'c');
        await insert(tx, 'c');
      }),
      store.write((tx) => insert(tx, 'd')),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    );
    assert.ok(code('SCIM_NO_TARGET')((outcomes[1] as PromiseRejectedResult).reason));
    assert.deepEqual(await keys(store), ['a', 'd']);
  });

  rule('a write may survive an error it expects', async (_, __, store) => {
    await store.write(async (tx) => {
      await insert(tx, 'a');
      await assert.rejects(insert(tx, 'a'));
      await insert(tx, 'b');
    });
    assert.deepEqual(await keys(store), ['a', 'b']);
  });

  rule('a callback that throws before it awaits rejects', async (_, __, store) => {
    await assert.rejects(
      store.write(() => {
        throw new Error('at once');
      }),
      /at once/,
    );
    await store.write((tx) => insert(tx, 'a'));
  });

  rule('a failed commit fails everybody who shared it', async (_, at) => {
    const store = await at.open({}, STILL);
    const hooks: string[] = [];
    const writes = ['a', 'b', 'c'].map((key) =>
      store.write(async (tx) => {
        await insert(tx, key);
        tx.afterCommit(() => hooks.push(key));
        if (key === 'b') await at.failCommit(tx);
      }),
    );
    for (const write of writes) await assert.rejects(write, code('STORE_FAILED'));
    assert.deepEqual(await keys(store), []);
    assert.deepEqual(hooks, []);
    await store.write((tx) => insert(tx, 'd'));
    assert.deepEqual(await keys(store), ['d']);
  });

  rule('a full disk fails everybody who shared the commit, even where the error was caught', async (_, at) => {
    const store = await at.open({}, STILL);
    const writes = ['a', 'b', 'c'].map((key) =>
      store.write(async (tx) => {
        await insert(tx, key);
        if (key === 'b') await at.exhaust(tx).catch(() => {});
      }),
    );
    for (const write of writes) await assert.rejects(write, code('STORE_FAILED'));
    assert.deepEqual(await keys(store), []);
    await store.write((tx) => at.relieve(tx));
    await store.write((tx) => insert(tx, 'd'));
    assert.deepEqual(await keys(store), ['d']);
  });

  rule('hooks run after the commit, in order, before the write resolves', async (_, __, store) => {
    const steps: string[] = [];
    await store
      .write(async (tx) => {
        tx.afterCommit(() => steps.push('first'));
        tx.afterCommit(() => steps.push('second'));
        await insert(tx, 'a');
        steps.push('done');
      })
      .then(() => steps.push('resolved'));
    assert.deepEqual(steps, ['done', 'first', 'second', 'resolved']);
  });

  rule('hooks of a write that failed never run', async (_, __, store) => {
    const steps: string[] = [];
    const failing = store.write(async (tx) => {
      tx.afterCommit(() => steps.push('ran'));
      throw new Error('no');
    });
    await assert.rejects(failing, /no/);
    assert.deepEqual(steps, []);
  });

  rule('a hook that throws harms nobody', async (_, __, store) => {
    const steps: string[] = [];
    await store.write(async (tx) => {
      tx.afterCommit(() => {
        throw new Error('hook');
      });
      tx.afterCommit(() => steps.push('next'));
      await insert(tx, 'a');
    });
    assert.deepEqual(steps, ['next']);
    assert.deepEqual(await keys(store), ['a']);
  });

  rule('a query after the end of its callback is refused', async (_, __, store) => {
    let late: Tx | undefined;
    await store.write(async (tx) => {
      late = tx;
    });
    await assert.rejects(insert(late!, 'a'), /after its transaction had ended/);
    const db = await store.read(async (open) => open);
    await assert.rejects(select(db), /after its transaction had ended/);
    assert.deepEqual(await keys(store), []);
  });

  rule('a lock of another process is waited for', async (_, at, store) => {
    const release = await at.lock();
    const writes = ['a', 'b'].map((key) => store.write((tx) => insert(tx, key)));
    let turns = 0;
    for (; turns < 20; turns++) await turn();
    assert.deepEqual(await keys(store), []);
    await release();
    await Promise.all(writes);
    assert.deepEqual(await keys(store), ['a', 'b']);
  });

  rule('a lock that is held too long refuses, and the store goes on when it is free', async (_, at) => {
    const store = await at.open({ patience: 100 });
    const release = await at.lock();
    await assert.rejects(
      store.write((tx) => insert(tx, 'a')),
      (error) => {
        const { code: found, remedy } = error as ScimError;
        assert.equal(found, 'STORE_BUSY');
        // What is to be looked at is of the engine; a restore is another error.
        assert.match(remedy, /^Try again\. If it stays, look /);
        assert.doesNotMatch(remedy, /restore|[{}]/);
        return true;
      },
    );
    await release();
    await store.write((tx) => insert(tx, 'b'));
    assert.deepEqual(await keys(store), ['b']);
  });

  rule('closing waits for what was begun and takes nothing more', async (_, at, store) => {
    const writes = ['a', 'b'].map((key) => store.write((tx) => insert(tx, key)));
    await store.close();
    await Promise.all(writes);
    await assert.rejects(
      store.write((tx) => insert(tx, 'c')),
      code('STORE_FAILED'),
    );
    await assert.rejects(keys(store), code('STORE_FAILED'));
    assert.deepEqual(await keys(await at.open()), ['a', 'b']);
  });

  rule('what was acknowledged survives kill -9', async (_, at, store) => {
    const acknowledged = await at.killedWriter('k', 300);
    assert.ok(acknowledged.length >= 300);
    const found = new Set(await keys(store));
    assert.deepEqual(
      acknowledged.filter((key) => !found.has(key)),
      [],
    );
  });

  rule('a thousand writes at once are all there', async (_, __, store) => {
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) => store.write((tx) => insert(tx, String(i).padStart(4, '0')))),
    );
    assert.equal((await keys(store)).length, 1000);
  });
}
