import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { refuse } from '../../../src/errors.ts';
import { OwnUses } from '../../../src/sync/uses/ownUses.ts';
import { tokensGone } from '../../../src/sync/uses/usesNoted.ts';
import { usesSeen } from '../../../src/sync/uses/usesSeen.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, SERVICE, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

const TOKEN = `11${'a'.repeat(32)}`;

const rowOf = (world: SyncWorld) =>
  world.store.read((db) => db.selectFrom('token_uses').selectAll().where('controller', '=', 'ci').executeTakeFirst());
const seen = (world: SyncWorld) => world.store.read(usesSeen);

/** Until the service has read everything once more, and looked at the uses. */
async function look(world: SyncWorld, later = 900_000): Promise<void> {
  const last = async () => (await rowOf(world))?.full_ms ?? 0;
  const before = await last();
  world.time.forward(later);
  await world.group(`look-${before}-${world.context.clock.now()}`);
  await eventually(async () => (await last()) > before, 'a look at the uses');
}

async function watched(t: TestContext, options: WorldOptions = {}): Promise<SyncWorld> {
  const world = await syncWorld(t, options);
  await eventually(async () => (await rowOf(world))?.looked_at != null);
  return world;
}

/** A use of a token past the service. */
async function use(world: SyncWorld, times = 1, token = TOKEN): Promise<void> {
  for (let n = 0; n < times; n++) {
    const authorization = `Basic ${Buffer.from(`${SERVICE}:${token}`).toString('base64')}`;
    const answer = await fetch(`${world.practice.url}whoAmI/api/json`, { headers: { authorization } });
    assert.equal(answer.status, 200);
    await answer.text();
  }
}

const told = (world: SyncWorld) =>
  world.lines
    .filter(({ message }) => message === 'API tokens of the service were used by somebody else')
    .map(({ fields }) => fields?.uses);

test('what the service asks itself is nobody else’s, however it works', async (t) => {
  const world = await watched(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await look(world);
  await world.change('ana', { active: false });
  await eventually(() => !world.holders('pay-developer').includes('ana'));
  for (let n = 0; n < 3; n++) await look(world);
  await world.stop();
  await world.order({ kind: 'sync' });
  world.start();
  await look(world);
  assert.deepEqual(await seen(world), [{ controller: 'ci', account: SERVICE, counted: true, tokens: 1 }]);
  assert.deepEqual(told(world), []);
});

test('one use of the token past the service is found by the next look, recorded and told once', async (t) => {
  const world = await watched(t);
  const { looked_at: after } = (await rowOf(world))!;
  await use(world);
  await look(world);
  const { looked_at: before, tokens } = (await rowOf(world))!;
  const others = { count: 1, after: after!, before: before! };
  assert.deepEqual(await seen(world), [{ controller: 'ci', account: SERVICE, counted: true, tokens: 1, others }]);
  assert.deepEqual(told(world), [1]);
  const records = (await world.ledger.about({ kind: 'controller', id: 'ci' }, 100)).filter(
    ({ kind }) => kind === 'controller.used-by-others',
  );
  assert.deepEqual(
    records.map(({ actor, body }) => [actor, body]),
    [['sync', { account: SERVICE, uses: 1, tokens: Object.keys(JSON.parse(tokens!)), after, before }]],
  );
  await look(world);
  assert.deepEqual(told(world), [1]);
  assert.deepEqual((await seen(world))[0]!.others, others, 'it stays until the token is gone');
  await use(world, 3);
  await look(world);
  assert.deepEqual(told(world), [1, 3]);
  const { others: all } = (await seen(world))[0]!;
  assert.equal(all?.count, 4);
  assert.equal(all.after, after);
  assert.ok(all.before > before!);
});

test('uses while the service was down are found when it is back', async (t) => {
  const world = await watched(t);
  await world.stop();
  await use(world, 2);
  world.start();
  await look(world);
  assert.deepEqual(told(world), [2]);
});

test('a new token is known from the next look on, and what is found ends with the tokens it was found of', async (t) => {
  const world = await watched(t);
  await use(world);
  await look(world);
  const stolen = world.practice.hands.mintToken(SERVICE);
  await use(world, 5, stolen);
  await look(world);
  assert.deepEqual(told(world), [1], 'nobody knows who of both used which');
  await use(world, 5, stolen);
  await look(world);
  assert.deepEqual(told(world), [1, 5]);
  await world.store.write(({ db }) =>
    db.updateTable('token_uses').set({ others_tokens: '["one-that-is-gone"]' }).execute(),
  );
  await look(world);
  assert.equal((await seen(world))[0]!.others, undefined);
});

test('whoever makes one more token for each look hides nothing that is done by those of before', async (t) => {
  const world = await watched(t);
  for (const times of [2, 3]) {
    world.practice.hands.mintToken(SERVICE);
    await use(world, times);
    await look(world);
  }
  assert.deepEqual(told(world), [2, 3]);
});

test('a command that is at work while there are looks, however many, and one that was killed, are ours', async (t) => {
  const world = await watched(t, { more: 'sync: { fullEvery: 3s }\n' });
  const command = new OwnUses(world.store, world.context.clock, 'ci');
  const asks = async (times: number) => {
    for (let n = 0; n < times; n++) {
      await command.begin();
      await use(world);
      command.end(true);
    }
  };
  await asks(3);
  for (let n = 0; n < 3; n++) await look(world, 3_000);
  await asks(4);
  await look(world, 3_000);
  await asks(2);
  await look(world);
  await look(world);
  assert.deepEqual(told(world), []);
  assert.equal((await rowOf(world))!.begun, (await rowOf(world))!.ended, 'what it had counted ahead is dropped');
  await use(world);
  await look(world);
  assert.deepEqual(told(world), [1], 'and hides nobody');
});

test('a use beside a command is found by the first look that has no command beside it', async (t) => {
  const world = await watched(t, { more: 'sync: { fullEvery: 3s }\n' });
  const { looked_at: after } = (await rowOf(world))!;
  const command = new OwnUses(world.store, world.context.clock, 'ci');
  const asks = async () => {
    await command.begin();
    await use(world);
    command.end(true);
  };
  await asks();
  await look(world, 3_000);
  // It may be one of those that the command had counted ahead.
  await use(world);
  await look(world, 3_000);
  await asks();
  await look(world, 3_000);
  assert.deepEqual(told(world), []);
  await command.settle();
  await look(world, 3_000);
  assert.deepEqual(told(world), [1]);
  const { looked_at: before } = (await rowOf(world))!;
  assert.deepEqual((await seen(world))[0]!.others, { count: 1, after, before });
  await asks();
  await look(world, 3_000);
  await command.settle();
  await use(world);
  await look(world, 3_000);
  assert.deepEqual(told(world), [1, 1], 'behind a look beside a command, too');
  for (let n = 0; n < 2; n++) await look(world, 3_000);
  assert.deepEqual(told(world), [1, 1]);
});

test('where somebody compared everything and did not look, another account, or a counter that was off, nothing is compared', async (t) => {
  const world = await watched(t);
  const set = (values: object) => world.store.write(({ db }) => db.updateTable('token_uses').set(values).execute());
  for (const values of [{ full_ms: 1 }, { full_ms: null }, { account: 'other' }, { counted: 0 }, { tokens: null }]) {
    await use(world);
    await set(values);
    await look(world);
    assert.deepEqual(told(world), [], JSON.stringify(values));
    await use(world);
    await look(world);
    assert.deepEqual(told(world).splice(0), [1], 'it is compared with the next look');
    world.lines.length = 0;
  }
  await set({ account: 'other' });
  await look(world);
  assert.equal((await seen(world))[0]!.others, undefined, 'what was found of another account is gone with it');
});

test('a controller that does not count says so', async (t) => {
  const world = await watched(t);
  world.practice.hands.countUses(false);
  await use(world);
  await look(world);
  assert.deepEqual(await seen(world), [{ controller: 'ci', account: SERVICE, counted: false, tokens: 1 }]);
  world.practice.hands.countUses(true);
  await use(world, 7);
  await look(world);
  await look(world);
  assert.deepEqual(told(world), []);
  await use(world);
  await look(world);
  assert.deepEqual(told(world), [1]);
});

test('a proxy that does not let the question through harms nothing', async (t) => {
  let refuses = true;
  const world = await syncWorld(t, {
    wrap: (controller): Controller => ({
      ...passThrough(controller),
      uses: async () => {
        if (refuses) throw refuse('JEN_FORBIDDEN', { controller: 'ci', user: SERVICE });
        return controller.uses();
      },
    }),
  });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  const state = await world.store.read((db) => db.selectFrom('controllers').selectAll().executeTakeFirstOrThrow());
  assert.equal(state.error, null);
  const words = 'a controller did not tell how often API tokens of the service were used';
  await eventually(() =>
    world.lines.some(({ message, fields }) => message === words && fields.code === 'JEN_FORBIDDEN'),
  );
  refuses = false;
  await look(world);
  assert.equal((await seen(world)).length, 1);
});

test('a token that was revoked is no finding any more, also before the next look', async (t) => {
  const world = await watched(t);
  await use(world);
  await look(world);
  const { uuid } = (await world.context.controller('ci').uses()).tokens[0]!;
  const [found] = await seen(world);
  assert.deepEqual([found?.tokens, found?.others?.count], [1, 1]);
  await world.store.write((tx) => tokensGone(tx, 'ci', ['another']));
  assert.deepEqual(await seen(world), [found]);
  await world.store.write((tx) => tokensGone(tx, 'ci', [uuid]));
  assert.deepEqual(await seen(world), [{ controller: 'ci', account: SERVICE, counted: true, tokens: 0 }]);
  await world.store.write((tx) => tokensGone(tx, 'nowhere', [uuid]));
});
