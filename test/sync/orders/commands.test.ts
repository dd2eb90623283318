import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digest } from '../../../src/access/canonical.ts';
import { SILENT } from '../../../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../../../src/cli/edge.ts';
import { abandonRunning, answer, anyWaiting, ask, nextCommand } from '../../../src/sync/orders/commands.ts';
import { openTestStore } from '../../store/open.ts';

const edge = {
  ...{ clock: systemClock, timers: systemTimers, random: systemRandom, log: SILENT },
  markOrder: (order: object) => digest(order),
};

test('an order is a row that the holder of the lease executes and answers', async (t) => {
  const store = await openTestStore(t);
  const asked = ask({ store, ...edge }, 'ci', { kind: 'leaver', person: 'p1' }, 5_000);
  let command = await nextCommand({ store, ...edge }, 'ci');
  while (command === undefined) {
    await systemTimers.sleep(5);
    command = await nextCommand({ store, ...edge }, 'ci');
  }
  assert.deepEqual(command.order, { kind: 'leaver', person: 'p1' });
  assert.equal(await nextCommand({ store, ...edge }, 'ci'), undefined);
  await answer({ store, clock: systemClock }, command, { failed: false, value: { verified: 3 } });
  assert.deepEqual(await asked, { verified: 3 });
});

test('an order nobody takes is withdrawn', async (t) => {
  const store = await openTestStore(t);
  assert.equal(await ask({ store, ...edge }, 'ci', { kind: 'sync' }, 30), undefined);
  assert.equal(await anyWaiting(store), false);
});

test('whoever asks waits as long as they said, whatever becomes of the clock', async (t) => {
  const store = await openTestStore(t);
  let wall = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + wall };
  const asked = ask({ store, ...edge, clock }, 'ci', { kind: 'sync' }, 300);
  while (!(await anyWaiting(store))) await systemTimers.sleep(5);
  wall = -3_600_000;
  const slow = new Promise((resolve) => setTimeout(resolve, 5_000, 'still waiting').unref());
  assert.equal(await Promise.race([asked, slow]), undefined, 'an hour back');
  const next = ask({ store, ...edge, clock }, 'ci', { kind: 'sync' }, 5_000);
  while (!(await anyWaiting(store))) await systemTimers.sleep(5);
  wall = 0;
  await systemTimers.sleep(100);
  const command = await nextCommand({ store, ...edge, clock }, 'ci');
  await answer({ store, clock }, command!, { failed: false, value: { verified: 1 } });
  assert.deepEqual(await next, { verified: 1 }, 'an hour on');
});

test('an answer that comes while the order is withdrawn is the answer', async (t) => {
  const store = await openTestStore(t);
  let asked = false;
  const late: typeof store = {
    ...store,
    async write(work, options) {
      const command = asked ? await nextCommand({ store, ...edge }, 'ci') : undefined;
      asked = true;
      const result = { failed: false, value: { verified: 1 } };
      if (command !== undefined) await answer({ store, clock: systemClock }, command, result);
      return store.write(work, options);
    },
  };
  assert.deepEqual(await ask({ ...edge, store: late }, 'ci', { kind: 'sync' }, 30), { verified: 1 });
});

test('orders of another controller are left alone', async (t) => {
  const store = await openTestStore(t);
  const asked = ask({ store, ...edge }, 'other', { kind: 'sync' }, 5_000);
  while (!(await anyWaiting(store))) await systemTimers.sleep(5);
  assert.equal(await nextCommand({ store, ...edge }, 'ci'), undefined);
  const command = await nextCommand({ store, ...edge }, 'other');
  await answer({ store, clock: systemClock }, command!, { failed: false, value: null });
  assert.equal(await asked, null);
});

test('what a crashed holder left running is failed by the next one', async (t) => {
  const store = await openTestStore(t);
  const asked = ask({ store, ...edge }, 'ci', { kind: 'apply' }, 5_000);
  while ((await nextCommand({ store, ...edge }, 'ci')) === undefined) await systemTimers.sleep(5);
  await abandonRunning({ store, clock: systemClock }, 'ci');
  assert.match(String(((await asked) as { error: string }).error), /stopped while it worked/);
});

test('an order that somebody wrote into the database, changed, or put there again is refused', async (t) => {
  const store = await openTestStore(t);
  const next = (later = 0) =>
    nextCommand({ store, ...edge, clock: { ...systemClock, now: () => systemClock.now() + later } }, 'ci');
  const rows = () => store.read((db) => db.selectFrom('commands').select(['id', 'state', 'result']).execute());
  const edit = (set: { state?: 'waiting'; body?: string; created_ms?: number }) =>
    store.write(({ db }) =>
      db
        .updateTable('commands')
        .set({ state: 'waiting', ...set })
        .execute(),
    );
  const forged = { id: 'forged', controller: 'ci', kind: 'apply', body: '{}', state: 'waiting' as const };
  const created = { created_ms: systemClock.now(), result: null, done_ms: null };
  await store.write(({ db }) =>
    db
      .insertInto('commands')
      .values({ ...forged, ...created })
      .execute(),
  );
  assert.equal(await next(), undefined);
  assert.match((await rows())[0]?.result ?? '', /no mark of this service/);
  await store.write(({ db }) => db.deleteFrom('commands').execute());

  const asked = ask({ store, ...edge }, 'ci', { kind: 'leaver', person: 'p1' }, 5_000);
  while (!(await anyWaiting(store))) await systemTimers.sleep(5);
  const command = (await next())!;
  await answer({ store, clock: systemClock }, command, { failed: false, value: { verified: 1 } });
  await asked;
  const { body } = await store.read((db) => db.selectFrom('commands').select('body').executeTakeFirstOrThrow());
  await edit({ body: body.replace('p1', 'p2') });
  assert.equal(await next(), undefined);
  await edit({ body, created_ms: systemClock.now() + 1 });
  assert.equal(await next(), undefined);
  assert.equal((await rows())[0]?.state, 'failed');
});

test('an order that is put there again later is refused', async (t) => {
  const store = await openTestStore(t);
  const asked = ask({ store, ...edge }, 'ci', { kind: 'apply' }, 50);
  while (!(await anyWaiting(store))) await systemTimers.sleep(5);
  const late = { ...systemClock, now: () => systemClock.now() + 7_200_001 };
  assert.equal(await nextCommand({ store, ...edge, clock: late }, 'ci'), undefined);
  assert.match(String(((await asked) as { error: string }).error), /no mark/);
});
