import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { abandonRunning, answer, anyWaiting, ask, nextCommand } from '../../src/sync/commands.ts';
import { openTestStore } from '../store/open.ts';

const edge = { clock: systemClock, timers: systemTimers, random: systemRandom };

test('an order is a row that the holder of the lease executes and answers', async (t) => {
  const store = await openTestStore(t);
  const asked = ask({ store, ...edge }, 'ci', { kind: 'leaver', person: 'p1' }, 5_000);
  let command = await nextCommand(store, 'ci');
  while (command === undefined) {
    await systemTimers.sleep(5);
    command = await nextCommand(store, 'ci');
  }
  assert.deepEqual(command.order, { kind: 'leaver', person: 'p1' });
  assert.equal(await nextCommand(store, 'ci'), undefined);
  await answer({ store, clock: systemClock }, command, { failed: false, value: { verified: 3 } });
  assert.deepEqual(await asked, { verified: 3 });
});

test('an order nobody takes is withdrawn', async (t) => {
  const store = await openTestStore(t);
  assert.equal(await ask({ store, ...edge }, 'ci', { kind: 'sync' }, 30), undefined);
  assert.equal(await anyWaiting(store), false);
});

test('orders of another controller are left alone', async (t) => {
  const store = await openTestStore(t);
  const asked = ask({ store, ...edge }, 'other', { kind: 'sync' }, 5_000);
  while (!(await anyWaiting(store))) await systemTimers.sleep(5);
  assert.equal(await nextCommand(store, 'ci'), undefined);
  const command = await nextCommand(store, 'other');
  await answer({ store, clock: systemClock }, command!, { failed: false, value: null });
  assert.equal(await asked, null);
});

test('what a crashed holder left running is failed by the next one', async (t) => {
  const store = await openTestStore(t);
  const asked = ask({ store, ...edge }, 'ci', { kind: 'apply' }, 5_000);
  while ((await nextCommand(store, 'ci')) === undefined) await systemTimers.sleep(5);
  await abandonRunning({ store, clock: systemClock }, 'ci');
  assert.match(String(((await asked) as { error: string }).error), /stopped while it worked/);
});
