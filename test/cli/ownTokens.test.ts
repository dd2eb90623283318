import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { createOwnToken, revokeOtherTokens } from '../../src/cli/product/ownTokens.ts';
import type { Parts } from '../../src/cli/product/parts.ts';
import { openStore } from '../../src/store/open.ts';
import { tokensOf } from '../../src/sync/accountTokens.ts';
import { ask, driver, practise, SERVICE } from '../practice/stage.ts';
import { temporaryFolder } from '../store/open.ts';

/** Parts around a practice controller; what is recorded is kept. */
async function parts(t: TestContext) {
  const practice = await practise();
  const controller = driver(practice);
  const opening = { clock: systemClock, timers: systemTimers, log: SILENT };
  const store = await openStore(`sqlite:${temporaryFolder(t)}/a.db`, opening);
  t.after(async () => {
    await store.close();
    await controller.close();
    await practice.close();
  });
  const recorded: { kind: string; actor: string; body: Record<string, unknown> }[] = [];
  const count = { begin: async () => {}, end: () => {} };
  const controllers = [{ name: 'ci', url: practice.url, user: SERVICE, apiToken: { env: 'NOT_READ' } }];
  return {
    practice,
    recorded,
    there: async () => (await tokensOf(controller, SERVICE)).map(({ uuid }) => uuid).sort(),
    parts: {
      config: { controllers, sync: { timeout: 10_000 } },
      context: { controller: () => controller, uses: () => count, clock: systemClock },
      log: SILENT,
      operator: 'operator:ana',
      store,
      ledger: { record: async (_tx: object, record: (typeof recorded)[number]) => void recorded.push(record) },
    } as unknown as Parts,
  };
}

test('a new token is proven to open before it is kept, and the ledger has it without its value', async (t) => {
  const here = await parts(t);
  const before = await here.there();
  let kept = '';
  const made = await createOwnToken(here.parts, 'ci', (token) => {
    kept = token;
  });
  assert.equal(made.token, kept);
  assert.equal((await ask(here.practice, 'GET', '/whoAmI/api/json', { secret: kept })).status, 200);
  assert.deepEqual(made.others.map(({ uuid }) => uuid).sort(), before);
  const { uuid, name } = made;
  assert.deepEqual(here.recorded, [
    {
      ...{ kind: 'controller.token-created', actor: 'operator:ana', subject: { kind: 'controller', id: 'ci' } },
      body: { account: SERVICE, token: uuid, name },
    },
  ]);
  assert.ok(!JSON.stringify(here.recorded).includes(kept));
});

test('a token that cannot be kept is revoked again, and nothing is recorded', async (t) => {
  const here = await parts(t);
  const before = await here.there();
  const full = createOwnToken(here.parts, 'ci', () => {
    throw new Error('the disk is full');
  });
  await assert.rejects(full, /the disk is full/);
  assert.deepEqual([await here.there(), here.recorded], [before, []]);
});

test('where there is no other token, nothing is recorded; what was revoked is', async (t) => {
  const here = await parts(t);
  await revokeOtherTokens(here.parts, 'ci', { force: false });
  assert.deepEqual(here.recorded, []);
  here.practice.hands.mintToken(SERVICE, 'newer');
  const done = await revokeOtherTokens(here.parts, 'ci', { force: true });
  assert.deepEqual(
    here.recorded.map(({ kind, body }) => [kind, body]),
    [
      [
        'controller.tokens-revoked',
        {
          ...{ account: SERVICE, inUse: done.inUse, left: [] },
          revoked: [{ token: done.revoked[0]!.uuid, name: 'newer' }],
        },
      ],
    ],
  );
});
