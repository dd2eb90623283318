import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchOutcome, Controller } from '../../../src/access/ports/controller.ts';
import { explain } from '../../../src/sync/explain.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows } from '../rows.ts';
import { eventually, syncWorld } from '../world.ts';

const CREW = Array.from({ length: 12 }, (_, index) => `dev${index + 1}`);

test('always held: all members of a group lost, where it had more than 3', async (t) => {
  const world = await syncWorld(t);
  for (const name of CREW) await world.person(name);
  await world.group('ci-ops-dev', CREW);
  await eventually(() => world.holders('ops-developer').length === CREW.length);
  await world.empty('ci-ops-dev');
  await eventually(async () => (await held(world)).length > 0);
  assert.equal(world.holders('ops-developer').length, CREW.length);
  const rows = await held(world);
  assert.equal(rows.length, CREW.length);
  assert.equal(new Set(rows.map(({ digest }) => digest)).size, 1);
  await world.stop();
  const applied = await world.order({ kind: 'apply', allowLoss: rows[0]!.digest });
  assert.equal(applied.verified, CREW.length);
  assert.deepEqual(world.holders('ops-developer'), []);
  assert.deepEqual(await held(world), []);
});

test('a hand-made entry is unmanaged: reported, never touched', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  world.practice.hands.grant('pay-developer', 'mallory');
  await world.stop();
  await world.order({ kind: 'sync' });
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'mallory']);
});

test('drift: an owned entry that somebody removed is granted again, one that reappears is removed again', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await eventually(() => world.holders('pay-developer').length === 2);
  await world.drop('ci-pay-dev', 'bo');
  await eventually(() => world.holders('pay-developer').length === 1);
  await world.stop();
  world.practice.hands.revoke('pay-developer', 'ana');
  world.practice.hands.grant('pay-developer', 'bo');
  await world.order({ kind: 'sync' });
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('a role made by hand with the same name is a finding until it is adopted; nothing is granted in between', async (t) => {
  const world = await syncWorld(t, { start: false });
  world.practice.hands.defineRole({
    type: 'item',
    name: 'pay-developer',
    pattern: 'other',
    permissions: ['hudson.model.Item.Read'],
  });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  const role = world.practice.look.roles('item').find(({ name }) => name === 'pay-developer');
  assert.equal(role?.pattern, 'other');
});

test('observe: nothing is written by itself, an operator applies everything', async (t) => {
  const world = await syncWorld(t, { mode: 'observe' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(async () => (await pending(world)) === 0);
  assert.equal(world.practice.look.roles('item').length, 0);
  await world.stop();
  await world.order({ kind: 'apply' });
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('what an operator applied is recorded as an operator’s doing, what the service did by itself as its own', async (t) => {
  const world = await syncWorld(t, { mode: 'observe', start: false });
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await world.order({ kind: 'apply' });
  await world.change('ana', { active: false });
  await world.order({ kind: 'apply' });
  await world.ledger.seal();
  const kept = await world.ledger.records(1, 1_000);
  const actors = kept.filter(({ kind }) => /^(grant|role|leaver)\./.test(kind)).map(({ actor }) => actor);
  assert.deepEqual([...new Set(actors)], ['operator']);
});

test('explain says what holds a grant that a rule gives', async (t) => {
  const world = await syncWorld(t, { mode: 'observe' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  const held = async () =>
    (await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {})).grants[0]?.held;
  await eventually(async () => (await held()) === 'mode');
  await world.stop();
  await world.order({ kind: 'apply' });
  assert.equal(await held(), undefined);
});

test('observe: debts add up, and are paid when the mode changes', async (t) => {
  const world = await syncWorld(t, { mode: 'observe' });
  world.practice.hands.mintToken('bo');
  await world.person('bo');
  await eventually(async () => (await pending(world)) === 0);
  await world.change('bo', { active: false });
  await eventually(async () => (await debtRows(world)).length === 1);
  assert.equal((await debtRows(world))[0]!.state, 'held');
  assert.equal(world.practice.look.person('bo').tokens, 1);
  await world.stop();
  const controller = world.config.controllers[0] as { mode: string };
  controller.mode = 'enforce';
  world.start();
  await eventually(() => world.practice.look.person('bo').tokens === 0);
  await eventually(async () => (await debtRows(world))[0]!.state === 'done');
});

test('add-only: grants go, losses and leavers are held', async (t) => {
  const world = await syncWorld(t, { mode: 'add-only' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.drop('ci-pay-dev', 'ana');
  await eventually(async () => (await held(world)).length === 1);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('intent before effect: a crash after the call is settled by reading, nothing is sent twice', async (t) => {
  let applied = 0;
  let crash = true;
  const world = await syncWorld(t, {
    start: false,
    wrap: (controller): Controller => ({
      ...passThrough(controller),
      async apply(batch): Promise<BatchOutcome> {
        applied += 1;
        const outcome = await controller.apply(batch);
        if (crash) throw new Error('the process dies here');
        return outcome;
      },
    }),
  });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await assert.rejects(world.order({ kind: 'sync' }), /dies here/);
  assert.equal((await intents(world, 'open')).length, 1);
  crash = false;
  await world.order({ kind: 'sync' });
  assert.equal(applied, 1);
  assert.equal((await intents(world, 'open')).length, 0);
  assert.equal((await intents(world, 'verified')).length, 1);
  assert.equal((await owned(world)).length, 1);
});

test('an unknown outcome is settled by reading before anything is sent again', async (t) => {
  let first = true;
  const world = await syncWorld(t, {
    wrap: (controller): Controller => ({
      ...passThrough(controller),
      async apply(batch): Promise<BatchOutcome> {
        const outcome = await controller.apply(batch);
        if (!first) return outcome;
        first = false;
        return { outcome: 'unknown', reason: 'timed out' };
      },
    }),
  });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(async () => (await owned(world)).some(({ verified }) => verified === 1));
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('a role that changed between reading and writing is a conflict: read again, planned anew', async (t) => {
  let edits = 0;
  const world = await syncWorld(t, {
    wrap: (controller): Controller => ({
      ...passThrough(controller),
      async apply(batch): Promise<BatchOutcome> {
        if (batch.changes.some(({ op }) => op === 'grant') && edits++ === 1)
          world.practice.hands.grant('pay-developer', 'carol');
        return controller.apply(batch);
      },
    }),
  });
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.add('ci-pay-dev', 'bo');
  await eventually(() => world.holders('pay-developer').includes('bo'));
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo', 'carol']);
});

test('a false 401, 403 and 500 during a restart never becomes a verdict: the change arrives afterwards', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  const restarted = world.practice.hands.restart();
  await world.add('ci-pay-dev', 'bo');
  await restarted;
  await eventually(() => world.holders('pay-developer').includes('bo'));
});

type World = Awaited<ReturnType<typeof syncWorld>>;
const held = (world: World) => world.store.read((db) => db.selectFrom('held').selectAll().execute());
const owned = (world: World) => world.store.read((db) => db.selectFrom('entries').selectAll().execute());
const intents = (world: World, state: 'open' | 'verified') =>
  world.store.read((db) => db.selectFrom('intents').selectAll().where('state', '=', state).execute());
const pending = async (world: World): Promise<number> => {
  const rows = await world.store.read((db) => db.selectFrom('pending').select('id').execute());
  const dirty = await world.store.read((db) => db.selectFrom('dirty').select('id').execute());
  return rows.length + dirty.length;
};
