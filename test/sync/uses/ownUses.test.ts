import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../../src/cli/edge.ts';
import type { Store } from '../../../src/store/store.ts';
import { KEPT_MS, OwnUses } from '../../../src/sync/uses/ownUses.ts';
import { UsesByController } from '../../../src/sync/uses/usesByController.ts';
import { settle } from '../../sim/time.ts';
import { openTestStore } from '../../store/open.ts';

const counts = async (store: Store, controller = 'ci') => {
  const row = await store.read((db) =>
    db.selectFrom('token_uses').selectAll().where('controller', '=', controller).executeTakeFirst(),
  );
  return row === undefined ? undefined : { begun: row.begun, ended: row.ended };
};

async function used(count: OwnUses, times = 1): Promise<void> {
  for (let n = 0; n < times; n++) {
    await count.begin();
    count.end(true);
  }
}

test('requests are counted before they go, and exactly once they are settled', async (t) => {
  const store = await openTestStore(t);
  const count = new OwnUses(store, systemClock, 'ci');
  await count.settle();
  assert.equal(await counts(store), undefined, 'nothing was asked');
  await count.begin();
  const { begun, ended } = (await counts(store))!;
  assert.ok(begun >= 1 && ended === 0);
  count.end(true);
  await used(count, 2);
  assert.equal(await count.settle(), 3);
  assert.deepEqual(await counts(store), { begun: 3, ended: 3 });
  assert.equal(await count.settle(), 0);
  await used(count, 100);
  assert.equal((await counts(store))!.ended, 99, 'all but the last ones were counted on the way');
});

test('one write is enough for many requests, and for those that begin at once', async (t) => {
  const store = await openTestStore(t);
  let writes = 0;
  const counting: Store = {
    ...store,
    write: (work, writing) => {
      writes++;
      return store.write(work, writing);
    },
  };
  const count = new OwnUses(counting, systemClock, 'ci');
  await Promise.all(Array.from({ length: 10 }, () => count.begin()));
  assert.equal(writes, 1);
  for (let n = 0; n < 10; n++) count.end(n % 2 === 0);
  await used(count, 20);
  assert.equal(writes, 1);
  assert.equal(await count.settle(), 25);
  assert.deepEqual(await counts(store), { begun: 25, ended: 25 });
});

test('a request that used nothing is not counted', async (t) => {
  const store = await openTestStore(t);
  const count = new OwnUses(store, systemClock, 'ci');
  await count.begin();
  count.end(false);
  await count.settle();
  assert.deepEqual(await counts(store), { begun: 0, ended: 0 });
});

test('what cannot be stored is counted the next time', async (t) => {
  const store = await openTestStore(t);
  let fails = false;
  const failing: Store = {
    ...store,
    write: (work, writing) => (fails ? Promise.reject(new Error('full')) : store.write(work, writing)),
  };
  const count = new OwnUses(failing, systemClock, 'ci');
  await used(count, 3);
  fails = true;
  await assert.rejects(count.settle(), /full/);
  fails = false;
  await used(count, 2);
  assert.equal(await count.settle(), 5);
  assert.deepEqual(await counts(store), { begun: 5, ended: 5 });
  fails = true;
  await assert.rejects(count.begin(), /full/);
  fails = false;
  await used(count);
  await count.settle();
  assert.deepEqual(await counts(store), { begun: 6, ended: 6 });
});

test('each controller has its own count, and closing settles all of them', async (t) => {
  const store = await openTestStore(t);
  const uses = new UsesByController(store, systemClock);
  assert.equal(uses.of('a'), uses.of('a'));
  await used(uses.of('a'), 2);
  await used(uses.of('b'), 5);
  await uses.settle();
  assert.deepEqual(await counts(store, 'a'), { begun: 2, ended: 2 });
  assert.deepEqual(await counts(store, 'b'), { begun: 5, ended: 5 });
});

test('who counted before what is open was dropped begins anew', async (t) => {
  const store = await openTestStore(t);
  const [old, other] = [new OwnUses(store, systemClock, 'ci'), new OwnUses(store, systemClock, 'ci')];
  await used(old, 3);
  await used(other, 2);
  await other.settle();
  await store.write(({ db }) => db.updateTable('token_uses').set({ epoch: 1, begun: 0, ended: 0 }).execute());
  await old.settle();
  assert.deepEqual(await counts(store), { begun: 0, ended: 0 }, 'nothing is given back that is not there any more');
  await used(old, 1);
  await used(other, 40);
  await old.settle();
  await other.settle();
  assert.deepEqual(await counts(store), { begun: 41, ended: 41 });
});

test('what ended of before is not counted where the count began anew, though the two are stored at once', async (t) => {
  const store = await openTestStore(t);
  let now = 0;
  let stored = (): void => {};
  let begun = (): void => {};
  const writing: ('after' | 'before')[] = [];
  const slow: Store = {
    ...store,
    async write(work, options) {
      const when = writing.shift();
      if (when === 'before') await new Promise<void>((resolve) => (begun = resolve));
      const done = await store.write(work, options);
      if (when === 'after') await new Promise<void>((resolve) => (stored = resolve));
      return done;
    },
  };
  const count = new OwnUses(slow, { monotonic: () => now }, 'ci');
  await count.begin();
  await store.write(({ db }) => db.updateTable('token_uses').set({ epoch: 1, begun: 0, ended: 0 }).execute());
  now = KEPT_MS;
  writing.push('after', 'before');
  const next = count.begin();
  count.end(true);
  const settling = count.settle();
  while ((await counts(store))!.begun === 0) await settle();
  await settle();
  stored();
  await next;
  begun();
  await settling;
  count.end(true);
  await count.settle();
  assert.deepEqual(await counts(store), { begun: 1, ended: 1 });
});

test('what was counted ahead a while ago is counted anew: others may have dropped it', async (t) => {
  const store = await openTestStore(t);
  let now = 0;
  const count = new OwnUses(store, { monotonic: () => now }, 'ci');
  await used(count, 3);
  now = KEPT_MS - 1;
  await used(count, 1);
  assert.equal((await counts(store))!.ended, 0, 'it is still good');
  await store.write(({ db }) => db.updateTable('token_uses').set({ epoch: 1, begun: 0, ended: 0 }).execute());
  now = KEPT_MS;
  await used(count, 1);
  const { begun, ended } = (await counts(store))!;
  assert.ok(begun >= 1 && ended === 0, `${begun} ${ended}`);
  now += KEPT_MS;
  await used(count, 1);
  assert.equal((await counts(store))!.ended, 1);
  await count.settle();
  assert.deepEqual(await counts(store), { begun: 2, ended: 2 });
});

test('PROPERTY: what went is never less than what is counted as ended, nor more than what is begun', async (t) => {
  const store = await openTestStore(t);
  let run = 0;
  const act = fc.record({
    process: fc.nat(2),
    what: fc.constantFrom('use', 'use', 'use', 'unsent', 'settle', 'crash'),
    times: fc.integer({ min: 1, max: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
      const controller = `ci-${++run}`;
      const processes = [0, 1, 2].map(() => new OwnUses(store, systemClock, controller));
      let went = 0;
      let crashed = false;
      for (const { process, what, times } of acts) {
        const count = processes[process]!;
        if (what === 'settle') await count.settle();
        else if (what === 'crash') {
          processes[process] = new OwnUses(store, systemClock, controller);
          crashed = true;
        } else
          for (let n = 0; n < times; n++) {
            await count.begin();
            went += what === 'use' ? 1 : 0;
            count.end(what === 'use');
          }
        const { begun, ended } = (await counts(store, controller)) ?? { begun: 0, ended: 0 };
        assert.ok(ended <= went && went <= begun, `${ended} <= ${went} <= ${begun}`);
      }
      for (const count of processes) await count.settle();
      const left = (await counts(store, controller)) ?? { begun: 0, ended: 0 };
      if (!crashed) assert.deepEqual(left, { begun: went, ended: went });
    }),
    { numRuns: 40 },
  );
});
