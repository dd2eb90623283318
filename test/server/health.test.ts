import assert from 'node:assert/strict';
import { test } from 'node:test';
import { READY_FOR } from '../../src/server/readiness.ts';
import { serviceWorld } from './world.ts';

test('livez tells that the process turns, and no more', async (t) => {
  const { app, store } = await serviceWorld(t);
  await store.close();
  const answer = await app.inject('/livez');
  assert.deepEqual([answer.statusCode, answer.json()], [200, { status: 'ok' }]);
});

test('readyz fails with the database, and tells why in the log only', async (t) => {
  const { app, lines, store, time } = await serviceWorld(t);
  assert.equal((await app.inject('/readyz')).statusCode, 200);
  await store.close();
  await time.advance(READY_FOR);
  const answer = await app.inject('/readyz');
  assert.deepEqual([answer.statusCode, answer.json()], [503, { status: 'unavailable' }]);
  const told = lines.filter(({ message }) => message === 'not ready');
  assert.equal(told.length, 1);
  await time.advance(READY_FOR);
  await app.inject('/readyz');
  assert.equal(lines.filter(({ message }) => message === 'not ready').length, 1, 'once, not at each probe');
});

test('readyz fails where the keys are not the ones in use, and comes back', async (t) => {
  let hold = false;
  const { app, time, lines } = await serviceWorld(t, { keysHold: () => hold });
  assert.equal((await app.inject('/readyz')).statusCode, 503);
  hold = true;
  await time.advance(READY_FOR);
  assert.equal((await app.inject('/readyz')).statusCode, 200);
  assert.deepEqual(
    lines.filter(({ level }) => level !== 'debug').map(({ message }) => message),
    ['not ready', 'ready again'],
  );
});

test('asking often costs the disk one write', async (t) => {
  let asked = 0;
  const { app } = await serviceWorld(t, {
    keysHold: () => {
      asked += 1;
      return true;
    },
  });
  await Promise.all(Array.from({ length: 50 }, () => app.inject('/readyz')));
  assert.equal(asked, 1);
});

test('readyz does not wait for a database that hangs', async (t) => {
  const { time, log } = await serviceWorld(t);
  const { createReadiness } = await import('../../src/server/readiness.ts');
  const never = new Promise<never>(() => {});
  const store = { read: () => never, write: () => never, close: async () => {} };
  const ready = createReadiness({ store, keysHold: () => true, clock: time, timers: time, log })();
  await time.advance(2000);
  assert.equal(await ready, false);
});

test('readyz writes to the disk: what would change nothing would not notice that it is full', async (t) => {
  const { app, store, time } = await serviceWorld(t);
  const bytes = async () => (await store.status()).bytes;
  await app.inject('/readyz');
  await time.advance(READY_FOR);
  const before = await bytes();
  await app.inject('/readyz');
  assert.ok((await bytes()) > before);
});
