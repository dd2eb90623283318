import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { declareAgain, declareLeaver } from '../../../src/cli/product/declareLeaver.ts';
import { liftLeaver } from '../../../src/cli/product/liftLeaver.ts';
import type { Parts } from '../../../src/cli/product/parts.ts';
import { pause, resume } from '../../../src/cli/product/pausing.ts';
import { refuse } from '../../../src/errors.ts';
import { LeaverWatch } from '../../../src/sync/leavers/alarms.ts';
import { handOutWord } from '../../../src/sync/leavers/declared.ts';
import { forge } from '../forged.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows } from '../rows.ts';
import { eventually, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('somebody declared a leaver while a controller is down goes there as soon as it is back, whatever its mode, and is told of until then', async (t) => {
  const { world, ci } = await team(t, { mode: 'observe' });
  ci.down = true;
  await declare(world, 'ana');
  const watch = new LeaverWatch(world.context);
  world.time.forward(61_000);
  await watch.look();
  const told = world.lines.filter(({ message }) => message === 'a leaver is not done');
  assert.deepEqual(
    told.map(({ fields }) => [fields.controller, fields.person]),
    [['ci', world.idOf('ana')]],
  );
  assert.equal((await world.certificate('ana')).complete, false);
  world.start();
  ci.down = false;
  await eventually(() => !world.holders('pay-developer').includes('ana'), 'ana lost it');
  await eventually(async () => (await world.certificate('ana')).complete, 'the certificate is complete');
  assert.deepEqual(world.practice.look.person('ana').tokens, 0);
  assert.deepEqual(world.holders('pay-developer'), ['bo'], 'nobody else: it is only observed');
});

test('past the ceilings, too, though the controller was down when the word was said', async (t) => {
  const more = 'guard: { losses: { disableUsers: { count: 0, percent: 0, atLeast: 0 } } }';
  const { world, ci } = await team(t, { more });
  await world.change('bo', { active: false });
  await world.order(sync);
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo'], 'the ceiling holds bo');
  ci.down = true;
  await declare(world, 'ana');
  world.start();
  ci.down = false;
  await eventually(() => !world.holders('pay-developer').includes('ana'), 'ana lost it');
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
});

test('the word stays where the provider says the same before the controller is back, and is none any more where it takes it back', async (t) => {
  const { world, ci } = await team(t, { mode: 'observe' });
  await world.person('cy');
  await world.add('ci-pay-dev', 'cy');
  await world.order({ kind: 'apply' });
  await world.change('bo', { active: false });
  ci.down = true;
  for (const name of ['ana', 'bo', 'cy']) await declare(world, name);
  for (const name of ['ana', 'cy']) await world.change(name, { active: false });
  await world.change('cy', { active: true });
  await world.change('cy', { active: false });
  world.start();
  ci.down = false;
  await eventually(() => world.holders('pay-developer').length === 1, 'two of them lost it');
  await eventually(async () => (await pendingRows(world)) === 0, 'everybody was looked at');
  assert.deepEqual(world.holders('pay-developer'), ['cy'], 'who came back left by the provider alone');
});

test('the word about somebody who has nothing there takes nothing from who has the id, when that one leaves, past the mode', async (t) => {
  const { world } = await team(t, { mode: 'observe' });
  const first = world.idOf('ana');
  const second = await world.person('ana', {}, 'entra');
  await world.order({ kind: 'apply' });
  await declareLeaver(partsOf(world), { id: second, active: true });
  await world.order({ kind: 'leaver', person: second });
  await world.directory.changeUser({ connection: 'okta', credential: 'c', request: 'r' }, first, (current) => ({
    ...current,
    active: false,
  }));
  for (let n = 0; n < 3; n++) await world.order(sync);
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo']);
});

test('a word that a restore takes over waits for each controller as it did, past the mode', async (t) => {
  const { world } = await team(t, { mode: 'observe' });
  const said = { person: world.idOf('ana'), at: new Date(world.context.clock.now()).toISOString() };
  assert.equal(await world.store.write((tx) => declareAgain(partsOf(world), tx, [said])), 1);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
});

test('a cut that fails once is tried again past the mode, of somebody whom the provider had gone before, too', async (t) => {
  const { world, ci } = await team(t, { mode: 'observe' });
  await world.change('bo', { active: false });
  world.start();
  await eventually(async () => (await debtRows(world)).length === 1 && (await pendingRows(world)) === 0, 'bo is seen');
  await world.stop();
  ci.failing = true;
  for (const name of ['ana', 'bo']) await declare(world, name);
  ci.failing = false;
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo'], 'the cut failed');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('a forged record that tells of nothing hinders nobody', async (t) => {
  const { world, ci } = await team(t, { mode: 'observe' });
  ci.down = true;
  await declare(world, 'ana');
  await world.store.write(async ({ db }) => {
    const row = await db
      .selectFrom('ledger')
      .selectAll()
      .where('kind', '=', 'leaver.declared')
      .executeTakeFirstOrThrow();
    const { id: _, seq: __, ...rest } = row;
    await db
      .insertInto('ledger')
      .values({ ...rest, uid: 'forged', kind: 'leaver.complete', body: 'null' })
      .execute();
  });
  ci.down = false;
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
});

test('rows that somebody wrote into the database take nobody past mode and ceilings', async (t) => {
  const { world } = await team(t, { mode: 'observe' });
  const at = new Date(world.context.clock.now()).toISOString();
  await world.store.write(async (tx) => {
    await tx.db
      .insertInto('ordered_leavers')
      .values({ person: world.idOf('ana'), at })
      .execute();
    await handOutWord(tx, ['ci'], world.idOf('ana'), at);
  });
  await world.order(sync);
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo']);
});

test('a second word, after the first was taken back, owes anew what came in between where nobody has looked since', async (t) => {
  const { world, ci } = await team(t);
  await declare(world, 'ana');
  assert.equal((await world.certificate('ana')).complete, true);
  ci.down = true;
  await lift(world, 'ana');
  world.practice.hands.mintToken('ana', 'in between');
  world.time.forward(60_000);
  const again = new Date(world.context.clock.now()).toISOString();
  await declare(world, 'ana');
  const waiting = await world.certificate('ana');
  assert.equal(waiting.complete, false, 'she has a token');
  assert.ok(waiting.receivedAt! >= again, `received with the second word, not ${waiting.receivedAt}`);
  assert.deepEqual(waiting.controllers[0]?.steps, [], 'what was cut before says nothing');
  ci.down = false;
  await world.order(sync);
  const done = await world.certificate('ana');
  assert.equal(done.complete, true);
  assert.ok(done.receivedAt! >= again);
  assert.equal(world.practice.look.person('ana').tokens, 0);
});

test('a command alone, without a service, leaves nothing that waits', async (t) => {
  const { world } = await team(t);
  await declare(world, 'ana');
  assert.equal((await world.certificate('ana')).complete, true);
  await lift(world, 'ana');
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo']);
  assert.equal(await pendingRows(world), 0);
});

test('the word of an operator goes past mode and ceilings once: what comes later on a controller that is observed waits', async (t) => {
  const { world } = await team(t, { mode: 'observe' });
  await declare(world, 'ana');
  world.practice.hands.mintToken('ana', 'later');
  await world.order(sync);
  assert.equal(world.practice.look.person('ana').tokens, 1);
  assert.deepEqual(
    (await debtRows(world)).map(({ state }) => state),
    ['held'],
  );
});

test('the word about somebody whose connection is paused counts once that is resumed; what was said and done before says nothing', async (t) => {
  const { world } = await team(t, { mode: 'observe' });
  const okta = { kind: 'connection', name: 'okta' } as const;
  await world.person('cy');
  await declare(world, 'cy');
  await world.add('ci-pay-dev', 'cy');
  world.practice.hands.grant('pay-developer', 'cy');
  for (let n = 0; n < 2; n++) await pause(partsOf(world), okta);
  await declare(world, 'ana');
  await world.order(sync);
  assert.equal(await pendingRows(world), 0, 'its mark is taken');
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo', 'cy'], 'her connection is paused');
  await resume(partsOf(world), okta);
  await world.order(sync);
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['bo', 'cy'], 'past the mode');
  assert.equal(world.practice.look.person('ana').tokens, 0);
  for (const change of [pause, resume, resume]) await change(partsOf(world), okta);
  assert.equal(await pendingRows(world), 0, 'what was said before that pause is not said again');
});

test('a resume that was only written into the database keeps no word that was said meanwhile within mode and ceilings', async (t) => {
  const { world } = await team(t, { mode: 'observe' });
  const okta = { kind: 'connection', name: 'okta' } as const;
  await pause(partsOf(world), okta);
  await declare(world, 'ana');
  await world.order(sync);
  const body = JSON.stringify({ controllers: [], connections: ['okta'] });
  await forge(world, { kind: 'sync.resumed', subject_kind: null, subject_id: null, body });
  await resume(partsOf(world), okta);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
});

test('the word that waits for a controller that is down when the connection is paused counts there after resume, past the mode', async (t) => {
  const { world, ci } = await team(t, { mode: 'observe' });
  const okta = { kind: 'connection', name: 'okta' } as const;
  ci.down = true;
  await declare(world, 'ana');
  assert.equal(await pendingRows(world), 1, 'it waits');
  await pause(partsOf(world), okta);
  ci.down = false;
  await world.order(sync);
  assert.equal(await pendingRows(world), 0, 'its mark is taken');
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo'], 'her connection is paused');
  await resume(partsOf(world), okta);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
  assert.equal(world.practice.look.person('ana').tokens, 0);
});

async function team(t: TestContext, options: WorldOptions = {}) {
  const ci = { down: false, failing: false };
  const wrap = (controller: Controller): Controller => {
    const reachable = <T>(run: () => Promise<T>): Promise<T> =>
      ci.down ? Promise.reject(refuse('JEN_UNREACHABLE', { controller: 'ci', reason: 'down' })) : run();
    return {
      ...passThrough(controller),
      probe: () => reachable(() => controller.probe()),
      observe: () => reachable(() => controller.observe()),
      fingerprint: () => reachable(() => controller.fingerprint()),
      people: (ids) => reachable(() => controller.people(ids)),
      async cut(fence, orders) {
        if (!ci.failing) return reachable(() => controller.cut(fence, orders));
        return { outcome: 'done', results: [], reason: 'no space left on device' };
      },
      apply: (batch) => reachable(() => controller.apply(batch)),
    };
  };
  const world = await syncWorld(t, { ...options, wrap, start: false });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await world.order({ kind: 'apply' });
  world.start();
  await eventually(async () => {
    const read = await world.store.read((db) => db.selectFrom('controllers').select('full_ms').executeTakeFirst());
    return read?.full_ms != null && (await pendingRows(world)) === 0;
  }, 'the controller was read whole');
  await world.stop();
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo']);
  world.practice.hands.mintToken('ana');
  return { world, ci };
}

async function pendingRows({ store }: SyncWorld): Promise<number> {
  return (await store.read((db) => db.selectFrom('pending').select('id').execute())).length;
}

function partsOf({ store, ledger, context }: SyncWorld): Parts {
  return { store, ledger, context, config: context.config, operator: 'operator:ops' } as unknown as Parts;
}

async function declare(world: SyncWorld, name: string): Promise<void> {
  const row = await world.store.read((db) =>
    db.selectFrom('users').select('active').where('id', '=', world.idOf(name)).executeTakeFirst(),
  );
  await declareLeaver(partsOf(world), { id: world.idOf(name), active: row?.active === 1 });
  await world.order({ kind: 'leaver', person: world.idOf(name) });
}

async function lift(world: SyncWorld, name: string): Promise<void> {
  assert.equal(await liftLeaver(partsOf(world), world.idOf(name)), true);
  await world.order({ kind: 'sync', person: world.idOf(name) });
}
