import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { DailyWrites } from '../../src/directory/quotas/dailyWrites.ts';
import { DEFAULT_QUOTAS } from '../../src/directory/quotas/quotas.ts';
import { LOOK_EVERY, startQuotaWatch } from '../../src/directory/quotas/quotaWatch.ts';
import type { Usage } from '../../src/directory/quotas/usage.ts';
import { keepingLog, type Line } from '../server/world.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';
import { OKTA } from './open.ts';

test('a quota that is nearly used up is told of once, one that is used up again', async (t) => {
  const time = new SimulatedTime();
  const store = await openTestStore(t);
  const daily = new DailyWrites(time);
  const quotas = () => ({ ...DEFAULT_QUOTAS, users: 5 });
  const parts = { store, clock: time, random: seededRandom(), recorder: { record: async () => {} }, wake: () => {} };
  const directory = createDirectory({ ...parts, quotas, daily });
  const lines: Line[] = [];
  let usage: readonly Usage[] = [];
  const looked = Promise.withResolvers<void>();
  let next = looked;
  const look = async () => {
    next = Promise.withResolvers<void>();
    await time.advance(LOOK_EVERY);
    await next.promise;
    await new Promise((resolve) => setImmediate(resolve));
  };
  const watch = startQuotaWatch({
    ...{ store, daily, quotas, timers: time, log: keepingLog(lines), connections: ['okta'] },
    onLook: (found) => {
      usage = found;
      next.resolve();
    },
  });
  await looked.promise;
  const told = () => lines.map(({ level, fields }) => `${level} ${String(fields.what)} ${String(fields.used)}`);
  assert.deepEqual(told(), []);
  for (const name of ['a', 'b', 'c', 'd']) await directory.createUser(OKTA, { userName: name, active: true });
  await look();
  await look();
  assert.deepEqual(told(), ['warn users 4']);
  await directory.createUser(OKTA, { userName: 'e', active: true });
  await look();
  await look();
  assert.deepEqual(told(), ['warn users 4', 'error users 5']);
  assert.equal(usage.find(({ what }) => what === 'users')?.used, 5);
  await watch.stop();
});
