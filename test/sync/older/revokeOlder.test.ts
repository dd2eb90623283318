import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Controller, LeaverOrder } from '../../../src/access/ports/controller.ts';
import { keepOlder } from '../../../src/sync/older/olderKept.ts';
import { olderCounts, olderLinks } from '../../../src/sync/older/olderListed.ts';
import { detach } from '../../../src/sync/orders/detach.ts';
import { passThrough } from '../passThrough.ts';
import { recordsOf } from '../rows.ts';
import { syncWorld, type WorldOptions } from '../world.ts';

const sync = { kind: 'sync' } as const;
const EVERY = '~';

/** Ana had a token, a legacy token, a key and sessions before she was linked; Ben had a token. */
async function linked(t: TestContext, options: WorldOptions = {}) {
  const world = await syncWorld(t, { start: false, ...options });
  const { hands } = world.practice;
  hands.account('ana', 'a password');
  hands.mintToken('ana', 'laptop');
  hands.legacyToken('ana');
  hands.addSshKey('ana');
  hands.openSshSession('ana');
  const session = hands.openSession('ana');
  hands.mintToken('ben');
  for (const name of ['ana', 'ben']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'ben']);
  await world.order(sync);
  const list = (filter = {}) => world.store.read((db) => olderLinks(db, filter));
  const revoke = (name = 'ana') => world.order({ kind: 'revoke-older', person: world.idOf(name) });
  return Object.assign(world, { list, revoke, session });
}

type Linked = Awaited<ReturnType<typeof linked>>;

const ids = async (world: Linked, filter = {}): Promise<string[]> => (await world.list(filter)).map(({ id }) => id);

async function lastRecord(world: Linked, name: string, kind: string) {
  const records = await world.ledger.about({ kind: 'user', id: world.idOf(name) }, 100);
  return records.find((record) => record.kind === kind);
}

/** How the intents of cuts ended. */
const cuts = (world: Linked) =>
  world.store.read((db) => db.selectFrom('intents').select(['state', 'steps']).where('kind', '=', 'cut').execute());

test('what is listed is of whom, since when, and what it is', async (t) => {
  const world = await linked(t);
  const [ana, ben] = await world.list();
  assert.deepEqual(
    [ana!.id, ana!.user, ana!.connection, ana!.takenOver, ana!.former],
    ['ana', 'ana', 'okta', false, undefined],
  );
  assert.deepEqual([ana!.tokenCount, ana!.sshKeyCount, ana!.sshSessions, ana!.password], [2, 1, 1, true]);
  assert.ok(Date.parse(ana!.linkedAt) <= Date.parse(ana!.askedAt));
  assert.equal(ben!.tokenCount, 1);
  assert.deepEqual(await ids(world, { person: world.idOf('ben') }), ['ben']);
  assert.deepEqual(await ids(world, { controller: 'other' }), []);
  const counts = { controller: 'ci', found: 2, takenOver: 0, unasked: 0 };
  assert.deepEqual(await world.store.read((db) => olderCounts(db, EVERY)), [counts]);
});

test('revoking ends tokens, keys, connections and sessions of one person; grants, password and record stay', async (t) => {
  const world = await linked(t);
  world.practice.hands.mintToken('ana', 'made since');
  const { password } = world.practice.look.person('ana');
  assert.deepEqual(await world.revoke(), { controller: 'ci', verified: 5, failed: 0, held: 0 });
  const after = world.practice.look.person('ana');
  assert.deepEqual([after.tokens, after.sshKeys, after.sshSessions], [0, 0, 0]);
  assert.equal(after.password, password);
  const answer = await fetch(`${world.practice.url}whoAmI/api/json`, {
    headers: { cookie: `JSESSIONID=${world.session}` },
  });
  assert.equal(((await answer.json()) as { name: string }).name, 'anonymous');
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['ana', 'ben']);
  assert.equal(world.practice.look.person('ben').tokens, 1);
  assert.deepEqual(await ids(world), ['ben']);
  await world.practice.hands.restart();
  assert.equal(world.practice.look.person('ana').tokens, 0, 'the legacy token is not back after a restart');
  await world.order(sync);
  assert.deepEqual(await ids(world), ['ben'], 'it is not told again');
});

test('the ledger tells what was revoked, by whom and with what proof; the intent was stored and closed', async (t) => {
  const world = await linked(t);
  await world.order({ kind: 'revoke-older', person: world.idOf('ana'), by: 'operator:eve' });
  const record = await lastRecord(world, 'ana', 'identity.older-revoked');
  assert.equal(record!.actor, 'operator:eve');
  assert.equal(record!.personal?.jenkinsId, 'ana');
  const { steps, ...body } = record!.body as { steps: { kind: string; verified: boolean; count: number }[] };
  assert.deepEqual(body, { controller: 'ci', takenOver: false, missing: [] });
  assert.deepEqual(
    steps.map(({ kind, verified, count }) => [kind, verified, count]),
    [
      ['revoke-tokens', true, 2],
      ['remove-ssh-keys', true, 1],
      ['close-ssh-sessions', true, 1],
      ['end-sessions', true, 1],
      ['second-cut', true, 0],
    ],
  );
  const [intent] = await cuts(world);
  assert.equal(intent!.state, 'verified');
  assert.deepEqual([...new Set(JSON.parse(intent!.steps).map(({ cause }: { cause: string }) => cause))], ['older']);
});

test('the intent stands before the controller is called, and a call without an answer leaves everything listed', async (t) => {
  const seen: string[] = [];
  let world: Linked | undefined;
  const wrap = (controller: Controller): Controller => ({
    ...passThrough(controller),
    async cut(fence: number, orders: readonly LeaverOrder[]) {
      seen.push(...(await cuts(world!)).map(({ state }) => state));
      if (seen.length > 1) return controller.cut(fence, orders);
      return { outcome: 'unknown', results: [], reason: 'no answer' };
    },
  });
  world = await linked(t, { wrap });
  const first = await world.revoke();
  assert.deepEqual(first, { controller: 'ci', verified: 0, failed: 5, held: 0, error: 'no answer' });
  assert.deepEqual(seen, ['open']);
  assert.deepEqual(await ids(world), ['ana', 'ben']);
  assert.equal(await lastRecord(world, 'ana', 'identity.older-revoked'), undefined);
  const second = await world.revoke();
  assert.equal(second.error, undefined);
  assert.deepEqual(await ids(world), ['ben']);
  assert.deepEqual((await cuts(world)).map(({ state }) => state).toSorted(), ['failed', 'verified']);
});

test('what still stands when it is read back stays listed, and the record says that it failed', async (t) => {
  const world = await linked(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      async cut(fence, orders) {
        const answer = await controller.cut(fence, orders);
        const results = answer.results.map((result) => ({ ...result, after: { ...result.after, sshKeys: 1 } }));
        return { ...answer, results };
      },
    }),
  });
  const applied = await world.revoke();
  assert.deepEqual([applied.verified, applied.failed], [3, 2]);
  assert.deepEqual(await ids(world), ['ana', 'ben']);
  const kinds = await recordsOf(world, 'ana');
  assert.ok(kinds.includes('identity.older-revoked.failed') && !kinds.includes('identity.older-revoked'));
});

test('where sessions cannot be ended by seeds, the rest is done and the record names what is missing', async (t) => {
  const world = await linked(t);
  world.practice.hands.disableUserSeeds();
  assert.deepEqual(await world.revoke(), { controller: 'ci', verified: 4, failed: 0, held: 0 });
  const record = await lastRecord(world, 'ana', 'identity.older-revoked');
  assert.deepEqual(record!.body.missing, ['end-sessions']);
});

test('an id that is protected by now is left alone, and said so', async (t) => {
  const world = await linked(t);
  Object.assign(world.config.controllers[0]!, { protect: { users: ['an?'], groups: [], roles: [] } });
  const applied = await world.revoke();
  assert.match(applied.error!, /ana is protected, nothing is taken there/);
  assert.equal(world.practice.look.person('ana').tokens, 2);
});

test('whoever has nothing listed is not touched by an order to revoke', async (t) => {
  const world = await linked(t);
  await world.revoke();
  world.practice.hands.mintToken('ana', 'new');
  assert.deepEqual(await world.revoke(), { controller: 'ci', verified: 0, failed: 0, held: 0 });
  assert.equal(world.practice.look.person('ana').tokens, 1);
});

test('what is kept is not told again, stays as it is, and is recorded once', async (t) => {
  const world = await linked(t);
  const links = await world.list({ person: world.idOf('ana') });
  await keepOlder(world.context, links);
  await keepOlder(world.context, links);
  assert.deepEqual(await ids(world), ['ben']);
  assert.equal(world.practice.look.person('ana').tokens, 2);
  assert.deepEqual((await recordsOf(world, 'ana')).filter((kind) => kind === 'identity.older-kept').length, 1);
  const record = await lastRecord(world, 'ana', 'identity.older-kept');
  assert.deepEqual(record!.body, {
    controller: 'ci',
    takenOver: false,
    tokens: 2,
    sshKeys: 1,
    sshSessions: 1,
    credentials: 0,
  });
  await world.order(sync);
  assert.deepEqual(await ids(world), ['ben']);
});

test('of an id that a replica of before gave to somebody else, or took back, nothing is shown or kept', async (t) => {
  const world = await linked(t);
  const links = await world.list();
  await world.store.write(async ({ db }) => {
    await db.updateTable('claims').set({ person: 'somebody' }).where('folded_id', '=', 'ana').execute();
    await db.updateTable('claims').set({ state: 'leaving' }).where('folded_id', '=', 'ben').execute();
  });
  assert.deepEqual(await world.list(), []);
  assert.deepEqual(await world.store.read((db) => olderCounts(db, EVERY)), []);
  await world.store.write(({ db }) =>
    db.updateTable('new_links').set({ person: 'somebody' }).where('folded_id', '=', 'ana').execute(),
  );
  await keepOlder(
    world.context,
    links.filter(({ id }) => id === 'ana'),
  );
  assert.equal(await lastRecord(world, 'ana', 'identity.older-kept'), undefined);
});

test('a controller that is let go of has nothing listed', async (t) => {
  const world = await linked(t);
  await detach({ ...world.context, operator: 'operator:eve' }, 'ci');
  assert.deepEqual(await world.list(), []);
  const about = await world.ledger.about({ kind: 'controller', id: 'ci' }, 100);
  const told = about.filter(({ kind }) => kind === 'controller.detached');
  assert.deepEqual(
    told.map(({ actor, body }) => [actor, body]),
    [['operator:eve', { owned: 5, owing: 0, older: 2, held: 0 }]],
  );
});
