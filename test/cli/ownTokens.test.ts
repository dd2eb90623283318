import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Controller } from '../../src/access/ports/controller.ts';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { createOwnToken, revokeOtherTokens } from '../../src/cli/product/ownTokens.ts';
import type { Parts } from '../../src/cli/product/parts.ts';
import { refuse, ScimError } from '../../src/errors.ts';
import { openStore } from '../../src/store/open.ts';
import { tokensOf } from '../../src/sync/uses/accountTokens.ts';
import { ask, driver, practise, SERVICE } from '../practice/stage.ts';
import { temporaryFolder } from '../store/open.ts';
import { passThrough } from '../sync/passThrough.ts';

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
  const fail = { record: false, controller: false, revocations: Number.POSITIVE_INFINITY };
  const down = (): Promise<never> => Promise.reject(refuse('JEN_UNREACHABLE', { controller: 'ci', reason: 'down' }));
  const failing: Controller = {
    ...passThrough(controller),
    older: (ids) => (fail.controller ? down() : controller.older(ids)),
    revokeToken: (uuid) => (fail.controller || fail.revocations-- < 1 ? down() : controller.revokeToken(uuid)),
  };
  const recorded: { kind: string; actor: string; body: Record<string, unknown> }[] = [];
  const count = { begin: async () => {}, end: () => {} };
  const controllers = [{ name: 'ci', url: practice.url, user: SERVICE, apiToken: { env: 'NOT_READ' } }];
  return {
    practice,
    recorded,
    fail,
    there: async () => (await tokensOf(controller, SERVICE)).map(({ uuid }) => uuid).sort(),
    parts: {
      config: { controllers, sync: { timeout: 10_000 } },
      context: { controller: () => failing, uses: () => count, clock: systemClock },
      log: SILENT,
      operator: 'operator:ana',
      store,
      ledger: {
        async record(_tx: object, record: (typeof recorded)[number]) {
          if (fail.record) throw new Error('there is no room');
          recorded.push(record);
        },
      },
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

test('a token that cannot be kept is revoked again; the ledger has both', async (t) => {
  const here = await parts(t);
  const before = await here.there();
  const full = createOwnToken(here.parts, 'ci', () => {
    throw new Error('the disk is full');
  });
  await assert.rejects(full, /the disk is full/);
  assert.deepEqual(await here.there(), before);
  const [created, revoked] = here.recorded;
  assert.deepEqual([created?.kind, revoked?.kind], ['controller.token-created', 'controller.tokens-revoked']);
  const { token, name } = created!.body;
  assert.deepEqual(revoked!.body, { account: SERVICE, revoked: [{ token, name }], left: [] });
});

test('a token of which the ledger does not know is not kept', async (t) => {
  const here = await parts(t);
  const before = await here.there();
  here.fail.record = true;
  let kept = 0;
  await assert.rejects(
    createOwnToken(here.parts, 'ci', () => kept++),
    /no room/,
  );
  assert.deepEqual([kept, await here.there()], [0, before]);
});

test('a token whose record was stored, and not answered, is revoked again; the ledger has both', async (t) => {
  const here = await parts(t);
  const before = await here.there();
  const { store } = here.parts;
  let lost = false;
  const write: typeof store.write = async (work, options) => {
    const done = await store.write(work, options);
    if (lost) return done;
    lost = true;
    throw refuse('STORE_UNREACHABLE', { reason: 'whether it was committed is not known' });
  };
  const losing = { ...here.parts, store: { ...store, write } } as Parts;
  await assert.rejects(
    createOwnToken(losing, 'ci', () => assert.fail('it is kept')),
    { code: 'STORE_UNREACHABLE' },
  );
  assert.deepEqual(await here.there(), before);
  const kinds = here.recorded.map(({ kind }) => kind);
  assert.deepEqual(kinds, ['controller.token-created', 'controller.tokens-revoked']);
});

test('a token that is kept is told, whatever Jenkins does from then on', async (t) => {
  const here = await parts(t);
  const made = await createOwnToken(here.parts, 'ci', () => {
    here.fail.controller = true;
  });
  assert.match(made.token, /^11/);
});

test('a token that can neither be kept nor revoked is told by its name', async (t) => {
  const here = await parts(t);
  const made = createOwnToken(here.parts, 'ci', () => {
    void here.practice.close();
    here.fail.controller = true;
    throw new Error('the disk is full');
  });
  await assert.rejects(made, (error) => {
    assert.ok(error instanceof ScimError && error.code === 'CTL_TOKEN_LEFT', String(error));
    assert.match(error.message, /called jenkins-scim 20.* the disk is full/);
    return true;
  });
});

test('where Jenkins refuses in the middle, what is gone is recorded, and why the rest is not is told', async (t) => {
  const here = await parts(t);
  for (const name of ['a', 'b', 'c']) here.practice.hands.mintToken(SERVICE, name);
  here.fail.revocations = 1;
  await assert.rejects(revokeOtherTokens(here.parts, 'ci', { force: true }), /down/);
  const [{ kind, body }] = here.recorded as unknown as [{ kind: string; body: Record<'revoked' | 'left', unknown[]> }];
  assert.deepEqual([kind, body.revoked.length, body.left.length], ['controller.tokens-revoked', 1, 2]);
  here.fail.revocations = Number.POSITIVE_INFINITY;
  const { revoked, left } = await revokeOtherTokens(here.parts, 'ci', { force: true });
  assert.deepEqual([revoked.length, left], [2, []]);
});

test('where nobody can read what became of them, it is recorded that they were to go', async (t) => {
  const here = await parts(t);
  here.practice.hands.mintToken(SERVICE, 'a');
  const { context } = here.parts;
  const controller = context.controller('ci');
  const revokeToken = async (uuid: string): Promise<void> => {
    await controller.revokeToken(uuid);
    here.fail.controller = true;
  };
  const falling = { ...here.parts, context: { ...context, controller: () => ({ ...controller, revokeToken }) } };
  await assert.rejects(revokeOtherTokens(falling as Parts, 'ci', { force: true }), { code: 'JEN_UNREACHABLE' });
  const [{ kind, body }] = here.recorded as unknown as [{ kind: string; body: Record<'revoked' | 'left', unknown[]> }];
  assert.deepEqual([kind, body.revoked.length, body.left.length], ['controller.tokens-revoked', 0, 1]);
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
