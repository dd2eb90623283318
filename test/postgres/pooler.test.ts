import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { holderName, takeLease } from '../../src/sync/lease/lease.ts';
import { faulted } from '../faults/world.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';
import { pooler } from './pooler.ts';

const skip = postgresMissing ?? false;
const ECHO_MS = 5_000;

test('postgres: through a pooler in transaction mode everything but hints works, for two replicas', {
  skip,
}, async (t) => {
  const url = await pooler(t, await temporaryDatabase(t), { size: 3 });
  const [one, two] = [
    await faulted(t, { server: url, seed: 1, patience: 30_000 }),
    await faulted(t, { server: url, seed: 2, patience: 30_000 }),
  ];
  const made = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).create(`p${n}`)));
  assert.deepEqual([...new Set(made.map(({ statusCode }) => statusCode))], [201]);
  const read = await Promise.all(
    made.map((answer, n) => (n % 2 === 0 ? two : one).send('GET', `/Users/${answer.json().id}`)),
  );
  assert.deepEqual([...new Set(read.map(({ statusCode }) => statusCode))], [200]);
  assert.equal((await one.wholePeople()).length, 20);
  const lease = (store: Store) =>
    takeLease(store, systemClock, { name: holderName('m', 1, systemRandom), alive: () => true }, 'ci');
  const [first, second] = await Promise.all([lease(one.store), lease(two.store)]);
  assert.equal([first, second].filter((taken) => taken !== undefined).length, 1, 'a lease has one holder');
});

test('postgres: that a pooler lets no hints through is found out, whichever connection it happens to use', {
  skip,
}, async (t) => {
  const direct = await temporaryDatabase(t);
  const look = async (url: string) => {
    const warned: string[] = [];
    const log = { ...SILENT, warn: (message: string) => void warned.push(message) };
    const store = await openStore(url, { clock: systemClock, timers: systemTimers, log });
    t.after(() => store.close());
    store.onElsewhere(() => {});
    const state = await store.server();
    await systemTimers.sleep(ECHO_MS + 1_000);
    return { hints: state?.hints, warned };
  };
  const [plain, pooled] = await Promise.all([look(direct), look(await pooler(t, direct))]);
  assert.deepEqual(plain, { hints: true, warned: [] });
  assert.equal(pooled.hints, false);
  assert.deepEqual(pooled.warned, ['no hints come through: a pooler in transaction mode stands before PostgreSQL']);
});

test('postgres: a pooler in statement mode is refused, with what to do', { skip }, async (t) => {
  const url = await pooler(t, await temporaryDatabase(t), { mode: 'statement' });
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  await assert.rejects(openStore(url, parts), { code: 'STORE_SERVER', message: /pool_mode = transaction/ });
});
