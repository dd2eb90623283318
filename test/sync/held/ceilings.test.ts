import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rejectHeld } from '../../../src/cli/product/held.ts';
import { watchedStore } from '../../../src/store/watched.ts';
import { passThrough } from '../passThrough.ts';
import { digestOf, heldRows, waiting } from '../rows.ts';
import { POLICY, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;
const MINUTE = 60_000;

test('ceilings count event by event over a rolling hour, and survive a restart because they are stored', async (t) => {
  const world = await crew(t, 'guard: { losses: { revokeGrants: { count: 3, percent: 100, atLeast: 1 } } }');
  for (const name of ['dev0', 'dev1', 'dev2']) await lose(world, name);
  assert.equal(world.holders('pay-developer').length, 7);
  await world.stop();
  await lose(world, 'dev3');
  assert.deepEqual(await waiting(world), ['revoke dev3: losses.revokeGrants']);
  world.time.forward(61 * MINUTE);
  await lose(world, 'dev4');
  assert.ok(!world.holders('pay-developer').includes('dev4'));
  assert.deepEqual(await waiting(world), ['revoke dev3: losses.revokeGrants']);
});

test('what is held counts as well as what was applied', async (t) => {
  const world = await crew(t, 'guard: { losses: { revokeGrants: { count: 2, percent: 100, atLeast: 1 } } }');
  await world.drop('ci-pay-dev', 'dev0', 'dev1', 'dev2');
  await world.order(sync);
  assert.equal((await waiting(world)).length, 3);
  await lose(world, 'dev3');
  assert.equal((await waiting(world)).length, 4);
  assert.equal(world.holders('pay-developer').length, 10);
});

test('what was rejected counts against no ceiling any more: others do not wait because of it', async (t) => {
  const world = await crew(t, 'guard: { losses: { revokeGrants: { count: 2, percent: 100, atLeast: 1 } } }');
  await world.drop('ci-pay-dev', 'dev0', 'dev1', 'dev2');
  await world.order(sync);
  const { store: real, ledger, time } = world;
  const store = watchedStore(real, time.clock);
  await rejectHeld({ store, ledger, operator: 'operator' }, await digestOf(world, 'losses.revokeGrants'));
  await world.order(sync);
  for (const name of ['dev3', 'dev4']) await lose(world, name);
  assert.deepEqual(
    world.holders('pay-developer').filter((name) => /dev[0-4]/.test(name)),
    ['dev0', 'dev1', 'dev2'],
  );
  await lose(world, 'dev5');
  assert.deepEqual(await waiting(world), ['revoke dev5: losses.revokeGrants']);
});

test('the same grant lost, regained and lost again within a window counts once; what is back does not count', async (t) => {
  const world = await crew(t, 'guard: { losses: { revokeGrants: { count: 2, percent: 100, atLeast: 1 } } }');
  for (let round = 0; round < 3; round++) {
    await lose(world, 'dev0');
    assert.ok(!world.holders('pay-developer').includes('dev0'));
    await world.add('ci-pay-dev', 'dev0');
    await world.order(sync);
    assert.ok(world.holders('pay-developer').includes('dev0'));
  }
  await lose(world, 'dev1');
  await lose(world, 'dev2');
  assert.deepEqual(await waiting(world), []);
  await lose(world, 'dev0');
  assert.deepEqual(await waiting(world), ['revoke dev0: losses.revokeGrants']);
});

test('the same person gone, back and gone again within a window counts once', async (t) => {
  const world = await crew(t, 'guard: { losses: { disableUsers: { count: 2, percent: 100, atLeast: 1 } } }');
  for (let round = 0; round < 3; round++) {
    await world.change('dev0', { active: false });
    await world.order(sync);
    assert.ok(!world.holders('pay-developer').includes('dev0'));
    await world.change('dev0', { active: true });
    await world.order(sync);
    assert.ok(world.holders('pay-developer').includes('dev0'));
  }
  for (const name of ['dev1', 'dev2', 'dev3']) {
    await world.change(name, { active: false });
    await world.order(sync);
  }
  assert.deepEqual(
    world.holders('pay-developer').filter((name) => /dev[123]/.test(name)),
    ['dev3'],
  );
});

test('a ceiling is a percent of the people there were when its window began: who came since raises it not, nor by a restart', async (t) => {
  const world = await crew(t, 'guard: { losses: { disableUsers: { count: 100, percent: 20, atLeast: 1 } } }');
  world.time.forward(61 * MINUTE);
  for (let n = 0; n < 40; n++) await world.person(`made${n}`);
  await world.order(sync);
  await world.stop();
  for (const name of CREW.slice(0, 5)) await world.change(name, { active: false });
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 8);
  world.time.forward(61 * MINUTE);
  for (const name of CREW.slice(5, 9)) await world.change(name, { active: false });
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 4, 'who has been there for an hour was there');
});

test('losing everybody whom a connection had when the window began is held, whoever came since', async (t) => {
  const world = await syncWorld(t, { start: false });
  const five = ['ana', 'bo', 'cy', 'dee', 'eve'];
  for (const name of five) await world.person(name);
  await world.group('ci-users', five);
  await world.order({ kind: 'sync' });
  world.time.forward(3_700_000);
  await world.person('newcomer');
  await world.add('ci-users', 'newcomer');
  await world.order({ kind: 'sync' });
  for (const name of five.slice(1)) await world.change(name, { active: false });
  await world.order({ kind: 'sync' });
  assert.deepEqual([...world.holders('browser')].sort(), ['ana', 'newcomer'], 'one of them stays');
  await world.change('ana', { active: false });
  await world.order({ kind: 'sync' });
  assert.deepEqual([...world.holders('browser')].sort(), ['ana', 'newcomer']);
  assert.deepEqual([...new Set((await heldRows(world)).map(({ ceiling }) => ceiling))], ['whole-connection']);
});

test('a ceiling is a percent of the grants there were when its window began: what was given since raises it not', async (t) => {
  const world = await crew(t, 'guard: { losses: { revokeGrants: { count: 100, percent: 20, atLeast: 1 } } }');
  await world.order(sync);
  world.time.forward(61 * MINUTE);
  const made = Array.from({ length: 40 }, (_, n) => `made${n}`);
  for (const name of made) await world.person(name);
  await world.group('ci-web-dev', made);
  await world.order(sync);
  await world.drop('ci-pay-dev', ...CREW.slice(0, 5));
  await world.order(sync);
  assert.equal((await waiting(world)).length, 5);
  assert.match((await heldRows(world))[0]!.reason, /the ceiling is 2 of 10/);
});

test('people who were there, left and are back within the window were there; who comes back who was not, was not', async (t) => {
  const world = await crew(t, 'guard: { losses: { disableUsers: { count: 100, percent: 40, atLeast: 1 } } }');
  for (const name of CREW.slice(6)) await world.change(name, { active: false });
  await world.order(sync);
  for (let n = 0; n < 6; n++) world.time.forward(61 * MINUTE);
  await world.order(sync);
  world.time.forward(61 * MINUTE);
  // Six are there: two leave and are back, four who had left before come back as well.
  for (const active of [false, true]) {
    for (const name of CREW.slice(0, 2)) await world.change(name, { active });
    await world.order(sync);
  }
  for (const name of CREW.slice(6)) await world.change(name, { active: true });
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 10);
  for (const name of CREW.slice(0, 5)) await world.change(name, { active: false });
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 8, 'two of six');
});

test("a loss matched by the same person's gain counts against no ceiling", async (t) => {
  const world = await crew(t, 'guard: { losses: { revokeGrants: { count: 0, percent: 0, atLeast: 0 } } }');
  world.setPolicy(POLICY.replaceAll('name: "{team}-developer"', 'name: "{team}-engineer"'));
  await world.order(sync);
  assert.equal(world.holders('pay-engineer').length, 10);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('a rename of a person counts against no ceiling on grants', async (t) => {
  const world = await crew(t, 'guard: { losses: { revokeGrants: { count: 0, percent: 0, atLeast: 0 } } }');
  await world.change('dev0', { userName: 'dev0.new' });
  await world.order(sync);
  await world.order(sync);
  assert.ok(world.holders('pay-developer').includes('dev0.new'));
  assert.ok(!world.holders('pay-developer').includes('dev0'));
});

test('what somebody has goes along with a rename and counts against no ceiling on what one person gains', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'guard: { gains: { grantsPerPerson: 2 } }' });
  await world.person('ana');
  for (const team of ['pay', 'web']) await world.group(`ci-${team}-dev`, ['ana']);
  await world.order(sync);
  await world.change('ana', { userName: 'ana.new' });
  await world.order(sync);
  assert.deepEqual([world.holders('pay-developer'), world.holders('web-developer')], [['ana.new'], ['ana.new']]);
  assert.deepEqual(await waiting(world), []);
  await world.group('ci-ops-dev', ['ana']);
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['grant ana.new: gains.grantsPerPerson'], 'a third one is one too many');
});

test('a rename of an administrator counts against no ceiling on losses, but where the new name is none', async (t) => {
  for (const stays of [true, false]) {
    const world = await syncWorld(t, { start: false });
    for (const name of ['ana', 'bo', 'cy']) await world.person(name);
    await world.group('jenkins-admins', ['ana', 'bo', 'cy']);
    await world.order(sync);
    await world.change('ana', { userName: 'ana.new' });
    if (!stays) await world.drop('jenkins-admins', 'ana');
    await world.order(sync);
    await world.drop('jenkins-admins', 'bo');
    await world.order(sync);
    assert.deepEqual(await waiting(world), stays ? [] : ['revoke bo: losses.revokeAdministrators']);
    assert.deepEqual([...world.holders('administrator')].sort(), stays ? ['ana.new', 'cy'] : ['bo', 'cy']);
  }
});

test('gains of administrators are counted over the fleet within 24 hours; those above the ceiling wait', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    controllers: ['ci', 'cd'],
    more: 'guard: { gains: { administrators: { count: 2 } } }',
  });
  for (const name of ['ana', 'bo', 'cleo']) await world.person(name);
  await world.group('jenkins-admins', ['ana', 'bo']);
  await world.order(sync, 'ci');
  assert.deepEqual([...world.holders('administrator')].sort(), ['ana', 'bo']);
  await world.order(sync, 'cd');
  assert.deepEqual([...world.practices.get('cd')!.look.holders('administrator')].sort(), ['ana', 'bo']);
  await world.add('jenkins-admins', 'cleo');
  await world.order(sync, 'cd');
  assert.deepEqual(await waiting(world), ['grant cleo: gains.administrators']);
  world.time.forward(25 * 60 * MINUTE);
  await world.order(sync, 'ci');
  assert.ok(world.holders('administrator').includes('cleo'));
});

test('passes over several controllers at once let no more new administrators through than one after another', async (t) => {
  const names = ['ci', 'cd'];
  const others = `  - { id: ci-admins, group: ci-admins, grant: administrator, controllers: ci }
  - { id: cd-admins, group: cd-admins, grant: administrator, controllers: cd }
`;
  const meeting = meetingOf(names.length);
  const world = await syncWorld(t, {
    start: false,
    controllers: names,
    policy: POLICY + others,
    more: 'guard: { gains: { administrators: { count: 3 } } }',
    wrap: (controller) => ({
      ...passThrough(controller),
      async observe() {
        const observed = await controller.observe();
        await meeting();
        return observed;
      },
    }),
  });
  for (const name of ['ana', 'bo', 'cleo', 'di']) await world.person(name);
  await world.group('ci-admins', ['ana', 'bo']);
  await world.group('cd-admins', ['cleo', 'di']);
  await Promise.all(names.map((name) => world.order(sync, name)));
  const given = names.flatMap((name) =>
    world.practices
      .get(name)!
      .look.holders('administrator')
      .filter((id) => id !== 'admin'),
  );
  assert.equal(given.length, 2, String(given));
  assert.equal((await waiting(world)).length, 2);
});

test('passes over several controllers at once let no more people go than one after another', async (t) => {
  const names = ['ci', 'cd'];
  const meeting = meetingOf(names.length);
  let gone = false;
  const world = await syncWorld(t, {
    start: false,
    controllers: names,
    more: 'guard: { losses: { disableUsers: { count: 1, percent: 100, atLeast: 1 } } }',
    wrap: (controller) => ({
      ...passThrough(controller),
      async observe() {
        const observed = await controller.observe();
        if (gone) await meeting();
        return observed;
      },
    }),
  });
  for (const name of CREW) await world.person(name);
  await world.group('ci-pay-dev', CREW);
  for (const name of names) await world.order(sync, name);
  for (const name of ['dev0', 'dev1']) await world.change(name, { active: false });
  gone = true;
  // Each is asked to let somebody else go.
  await Promise.all([
    world.order({ ...sync, person: world.idOf('dev0') }, 'ci'),
    world.order({ ...sync, person: world.idOf('dev1') }, 'cd'),
  ]);
  const rows = await world.store.read((db) =>
    db
      .selectFrom('guard_events')
      .select('key')
      .distinct()
      .where('kind', '=', 'disabled')
      .where('state', '=', 'applied')
      .execute(),
  );
  assert.equal(rows.length, 1, String(rows.map(({ key }) => key)));
});

test('a definition edit is compared by effect: Administer for a role everyone holds is that many new administrators', async (t) => {
  const world = await crew(t, 'guard: { gains: { administrators: { count: 9 } } }');
  await world.group('ci-users', CREW);
  await world.person('outsider');
  await world.group('ci-web-dev', ['outsider']);
  await world.order(sync);
  world.setPolicy(POLICY.replace('preset: browse', 'permissions: [Overall/Administer]\n    administer: true'));
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['update-role : gains.administrators']);
});

test('Administer for a role that everybody but the break-glass account holds is held whatever the ceiling', async (t) => {
  const world = await crew(t, 'guard: { gains: { administrators: { count: 1000 } } }');
  await world.group('ci-users', CREW);
  await world.order(sync);
  world.setPolicy(POLICY.replace('preset: browse', 'permissions: [Overall/Administer]\n    administer: true'));
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['update-role : everyone-administers']);
});

test('a definition edit that takes permissions away from many is a loss for each of them', async (t) => {
  const world = await crew(t, 'guard: { losses: { revokeGrants: { count: 5, percent: 100, atLeast: 1 } } }');
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', '[Job/Read]'));
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['update-role : losses.revokeGrants']);
  assert.equal(world.practice.look.may('dev0', 'hudson.model.Item.Build', 'pay/api'), true);
});

const CREW = Array.from({ length: 10 }, (_, index) => `dev${index}`);

async function crew(t: Parameters<typeof syncWorld>[0], more: string): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, more });
  for (const name of CREW) await world.person(name);
  await world.group('ci-pay-dev', CREW);
  assert.equal((await world.order(sync)).error, undefined);
  assert.equal(world.holders('pay-developer').length, CREW.length);
  return world;
}

async function lose(world: SyncWorld, name: string): Promise<void> {
  await world.drop('ci-pay-dev', name);
  await world.order({ kind: 'sync', person: world.idOf(name) });
}

/** So many wait for each other, once. */
function meetingOf(size: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let there = 0;
  return () => {
    there += 1;
    if (there >= size) resolve();
    return promise;
  };
}
