import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { createReadiness, READY_FOR } from '../../src/server/readiness.ts';
import { openStore } from '../../src/store/open.ts';
import { postgresMissing } from './database.ts';
import { startPostgres } from './server.ts';

test('postgres: readiness turns when the server goes, and by itself when it is there again', {
  skip: postgresMissing ?? false,
}, async (t) => {
  const server = await startPostgres();
  let stopped = false;
  t.after(async () => {
    if (!stopped) await server.stop();
  });
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  const store = await openStore(server.url, parts, { patience: 500 });
  t.after(() => store.close());
  // Each question is a look of its own.
  let asked = 0;
  const clock = { now: systemClock.now, monotonic: () => ++asked * READY_FOR };
  const ready = createReadiness({ store, keysHold: () => true, clock, timers: systemTimers, log: SILENT });
  assert.equal(await ready(), true);
  await server.restart();
  for (let left = 50; left > 0 && !(await ready()); left--) await systemTimers.sleep(100);
  assert.equal(await ready(), true);
  await server.stop();
  stopped = true;
  assert.equal(await ready(), false);
});
