import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { refuse } from '../../../src/errors.ts';
import { neverAsked } from '../../../src/sync/older/askEarlier.ts';
import { keepOlder } from '../../../src/sync/older/olderKept.ts';
import { olderLinks } from '../../../src/sync/older/olderListed.ts';
import { ask } from '../../../src/sync/orders/commands.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

const sync = { kind: 'sync' } as const;
const HOUR = 3_600_000;

/** Ana and Ben were linked by a service that did not ask; Ana had a token before, Ben made his two hours later. */
async function earlier(t: TestContext, options: WorldOptions = {}) {
  const world = await syncWorld(t, { start: false, ...options });
  const { hands } = world.practice;
  hands.mintToken('ana', 'laptop');
  for (const name of ['ana', 'ben']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'ben']);
  await world.order(sync);
  await world.store.write(({ db }) => db.deleteFrom('new_links').execute());
  world.time.forward(2 * HOUR);
  hands.mintToken('ana', 'made since');
  hands.mintToken('ben', 'made since');
  const listed = async (): Promise<[string, number][]> =>
    (await world.store.read((db) => olderLinks(db, {}))).map(({ id, tokenCount }) => [id, tokenCount]);
  return Object.assign(world, { listed });
}

/** What the ledger tells of questions, oldest first. */
async function asked({ ledger }: SyncWorld) {
  await ledger.seal();
  const all = await ledger.records(1, 1_000);
  return all
    .filter(({ kind }) => kind === 'identity.older-asked')
    .map(({ actor, subject, body }) => [actor, subject, body]);
}

/** As if the service had learnt to ask when everybody was linked already. */
const migratedNow = ({ store, context }: SyncWorld): Promise<unknown> => {
  const at = new Date(context.clock.now()).toISOString();
  return store.write(({ db }) => sql`UPDATE schema_migrations SET applied_at = ${at} WHERE id = 13`.execute(db));
};

test('everybody who was linked before is asked about once, by an order; what is listed is of whom, and since when', async (t) => {
  const world = await earlier(t);
  await world.order(sync);
  assert.deepEqual(await world.listed(), [], 'nobody is asked about by a pass');
  const { since } = await world.store.read((db) =>
    db.selectFrom('claims').select('since').where('id', '=', 'ana').executeTakeFirstOrThrow(),
  );
  const applied = await world.order({ kind: 'ask-older', by: 'operator:eve' });
  assert.deepEqual(applied, { controller: 'ci', verified: 2, failed: 0, held: 0 });
  assert.deepEqual(await world.listed(), [['ana', 2]], 'a token that Ben made hours after his link is his');
  const [ana] = await world.store.read((db) => olderLinks(db, {}));
  assert.deepEqual([ana!.linkedAt, ana!.takenOver, ana!.user], [since, false, 'ana']);
  assert.deepEqual(await asked(world), [
    ['operator:eve', { kind: 'controller', id: 'ci' }, { controller: 'ci', ids: 2 }],
  ]);
  assert.equal(world.practice.look.person('ana').tokens, 2, 'nothing is revoked by it');
});

test('one person is asked about alone; what is listed already stays as it is', async (t) => {
  const world = await earlier(t);
  const ana = world.idOf('ana');
  const { verified } = await world.order({ kind: 'ask-older', person: ana });
  assert.equal(verified, 1);
  assert.deepEqual(await world.listed(), [['ana', 2]]);
  world.practice.hands.mintToken('ana', 'one more');
  assert.equal((await world.order({ kind: 'ask-older', person: ana })).verified, 0);
  assert.deepEqual(await world.listed(), [['ana', 2]]);
  assert.deepEqual(
    (await asked(world)).map(([, subject]) => subject),
    [
      { kind: 'user', id: ana },
      { kind: 'user', id: ana },
    ],
  );
});

test('what somebody looked at and kept is listed again by who asks again', async (t) => {
  const world = await earlier(t);
  await world.order({ kind: 'ask-older' });
  await keepOlder(world.context, await world.store.read((db) => olderLinks(db, {})));
  await world.order(sync);
  assert.deepEqual(await world.listed(), []);
  await world.order({ kind: 'ask-older' });
  assert.deepEqual(await world.listed(), [['ana', 2]]);
});

test('an id that is being given up, and a person whom nobody knows there, are not asked about', async (t) => {
  const world = await earlier(t, { mode: 'observe' });
  await world.change('ana', { active: false });
  await world.order(sync);
  assert.equal((await world.order({ kind: 'ask-older' })).verified, 1, 'Ben');
  assert.equal((await world.order({ kind: 'ask-older', person: 'nobody' })).verified, 0);
  assert.deepEqual(await world.listed(), []);
});

test('a controller that does not tell says why, and is asked again by the next pass over everybody', async (t) => {
  let failing = true;
  const wrap = (controller: Controller): Controller => ({
    ...passThrough(controller),
    async older(ids) {
      if (failing) throw refuse('JEN_FORBIDDEN', { controller: 'ci' });
      return controller.older(ids);
    },
  });
  const world = await earlier(t, { wrap });
  const { error, verified } = await world.order({ kind: 'ask-older' });
  assert.match(error!, /^JEN_FORBIDDEN/);
  assert.equal(verified, 0);
  assert.deepEqual(await asked(world), [], 'nobody was told anything');
  failing = false;
  await world.order(sync);
  assert.deepEqual(await world.listed(), [['ana', 2]]);
});

test('a running service that looks for nothing any more asks for whoever orders it', async (t) => {
  const world = await earlier(t);
  world.start();
  const looked = () => world.store.read((db) => db.selectFrom('controllers').select('full_ms').executeTakeFirst());
  const before = await looked();
  await world.person('later');
  await eventually(async () => (await looked())?.full_ms !== before?.full_ms);
  const asking = ask(world.context, 'ci', { kind: 'ask-older' }, 30_000);
  await world.person('wakes');
  await asking;
  assert.deepEqual(await world.listed(), [['ana', 2]]);
});

test('who was linked before the service asked is counted until everybody was asked about', async (t) => {
  const world = await earlier(t);
  const counted = () => world.store.read(neverAsked);
  assert.deepEqual(await counted(), [], 'linked by a service that asks');
  await migratedNow(world);
  await world.person('later');
  await world.order(sync);
  assert.deepEqual(await counted(), [{ controller: 'ci', ids: 2 }]);
  await world.order({ kind: 'ask-older', person: world.idOf('ana') });
  assert.deepEqual(await counted(), [{ controller: 'ci', ids: 2 }]);
  await world.order({ kind: 'ask-older' });
  assert.deepEqual(await counted(), []);
});
