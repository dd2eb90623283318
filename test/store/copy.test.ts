import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { copyStore } from '../../src/store/copy.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { requireIdle, requireSame } from '../../src/store/use.ts';
import { openTestStore, temporaryFolder } from './open.ts';

const opening = { clock: systemClock, timers: systemTimers, log: SILENT };
const parts = { ...opening, alive: () => true };
const IN_USE = { code: 'STORE_IN_USE' };

function files(t: TestContext) {
  const folder = temporaryFolder(t);
  const [from, to] = ['from.db', 'to.db'].map((name) => `sqlite:${join(folder, name)}`) as [string, string];
  return { from, to, made: () => existsSync(join(folder, 'to.db')) };
}

const lease = (store: Store, holder: string, until: number): Promise<unknown> =>
  store.write(({ db }) =>
    db
      .insertInto('leases')
      .values({ controller: `ci-${until}`, holder, fence: 1, expires_ms: until })
      .execute(),
  );

test('a file that another process has open is not copied, and nothing is made', async (t) => {
  const { from, to, made } = files(t);
  const service = await openStore(from, opening);
  await assert.rejects(copyStore(from, to, parts), { ...IN_USE, message: /another process has it open/ });
  assert.equal(made(), false);
  await service.close();
  assert.ok((await copyStore(from, to, parts)).tables > 0);
});

test('a service that has a lease keeps it from being copied, a dead one and one of before do not', async (t) => {
  const { from, to, made } = files(t);
  const before = await openStore(from, opening);
  await lease(before, 'host/17/x', before.clock.now() + 20_000);
  await lease(before, 'host/18/x', before.clock.now() - 1);
  await lease(before, '', 0);
  await before.close();
  await assert.rejects(copyStore(from, to, parts), {
    ...IN_USE,
    message: /process 17 on host has ci-\d+ for (19|20) s/,
  });
  assert.equal(made(), false);
  await copyStore(from, to, { ...parts, alive: (holder) => holder !== 'host/17/x' });
});

test('what is written while it is copied is noticed', async (t) => {
  const store = await openTestStore(t);
  const first = await requireIdle(store, parts.alive);
  requireSame(first, await requireIdle(store, parts.alive));
  await store.write(({ db }) =>
    db
      .insertInto('journal')
      .values({
        at: 'now',
        kind: 'user.created',
        connection: 'okta',
        subject: 'x',
        request: 'r',
        credential: 'c',
        detail: '{}',
      })
      .execute(),
  );
  const second = await requireIdle(store, parts.alive);
  assert.throws(() => requireSame(first, second), IN_USE);
});

test('what asks for the end before a copy has begun ends it, and nothing stays behind', async (t) => {
  const { from, to, made } = files(t);
  await (await openStore(from, opening)).close();
  const interruption = AbortSignal.abort('SIGTERM');
  await assert.rejects(copyStore(from, to, { ...parts, interruption }), {
    code: 'STORE_COPY',
    message: 'The database was not copied: SIGTERM ended it; what there was of it is removed',
  });
  assert.equal(made(), false);
});
