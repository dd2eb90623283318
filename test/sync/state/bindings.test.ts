import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../../src/sync/explain.ts';
import { forgetLostBindings } from '../../../src/sync/state/stored.ts';
import { digestOf, waiting } from '../rows.ts';
import { eventually, POLICY, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('a rule binds to a group by its SCIM id at first match: a rename keeps the binding and is a finding', async (t) => {
  const world = await team(t, ['ana', 'bo']);
  await world.rename('ci-pay-dev', 'ci-web-dev');
  await world.person('cleo');
  await world.add('ci-web-dev', 'cleo');
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'bo', 'cleo']);
  assert.deepEqual(world.holders('web-developer'), []);
  const { evaluation } = await world.assess();
  assert.ok(evaluation.findings.some(({ code }) => code === 'policy.renamed-group'));
  await world.drop('ci-web-dev', 'bo');
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'cleo']);
});

test('a deletion freezes its members: everything that follows from it is held, and nobody new gains', async (t) => {
  const world = await team(t, ['ana', 'bo']);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'bo']);
  assert.deepEqual(await waiting(world), ['revoke ana: bound-group', 'revoke bo: bound-group']);
  const { evaluation } = await world.assess();
  assert.ok(evaluation.findings.some(({ code }) => code === 'policy.deleted-group'));
});

test('explain says of what a deleted group gave that its loss waits, and for what', async (t) => {
  const world = await team(t, ['ana', 'bo']);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  assert.deepEqual(await explained(world, 'ana'), ['bound-group']);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'bound-group') });
  assert.deepEqual(await explained(world, 'ana'), []);
});

test('a deletion that was released, or of which nobody holds anything, is told no more', async (t) => {
  const world = await team(t, ['ana', 'bo']);
  await world.group('ci-web-dev');
  await world.order(sync);
  await world.deleteGroup('ci-web-dev');
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  const told = async () =>
    (await world.assess()).evaluation.findings.flatMap(({ code, subject }) =>
      code === 'policy.deleted-group' ? [subject] : [],
    );
  assert.deepEqual(await told(), ['ci-pay-dev']);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'bound-group') });
  await world.order(sync);
  assert.deepEqual([world.holders('pay-developer'), await told()], [[], []]);
});

test('after a deletion individual removals and deactivations still apply', async (t) => {
  const world = await team(t, ['ana', 'bo', 'cleo'], `${POLICY}    unless: { group: contractors }\n`, ['contractors']);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'bo', 'cleo']);
  await world.change('ana', { active: false });
  await world.add('contractors', 'bo');
  await world.order({ kind: 'sync', person: world.idOf('ana') });
  await world.order({ kind: 'sync', person: world.idOf('bo') });
  assert.deepEqual(world.holders('pay-developer'), ['cleo']);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['cleo']);
});

test('the hold of a deleted group ends by release', async (t) => {
  const world = await team(t, ['ana', 'bo']);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  const applied = await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'bound-group') });
  assert.equal(applied.verified, 2);
  assert.deepEqual(world.holders('pay-developer'), []);
  await world.order(sync);
  assert.deepEqual(await waiting(world), []);
  // The last group of the instance is gone (semantics §3).
  const { evaluation, plan } = await world.assess();
  assert.ok(!evaluation.roles.some(({ name }) => name === 'pay-developer'));
  assert.ok(plan.findings.some(({ code, subject }) => code === 'role.leftover' && subject.endsWith('pay-developer')));
});

test('the hold of a deleted group ends by a policy edit', async (t) => {
  const world = await team(t, ['ana', 'bo', 'cleo', 'dan']);
  await world.group('ci-users', ['ana']);
  await world.order(sync);
  await world.drop('ci-users', 'ana');
  await world.order(sync);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  world.setPolicy(`${POLICY}# edited\n`.replace('id: everyone', 'id: everybody'));
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
  assert.deepEqual(await waiting(world), []);
});

test('the hold of a deleted group ends when the name returns: who is in it keeps, who is not loses', async (t) => {
  const world = await team(t, ['ana', 'bo', 'cleo']);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  await world.person('dan');
  await world.group('CI-Pay-Dev', ['ana', 'bo', 'dan']);
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'bo', 'dan']);
  assert.deepEqual(await waiting(world), []);
});

test('a name that returns with nobody in it loses all members of a group: that waits', async (t) => {
  const world = await team(t, ['ana', 'bo', 'cleo', 'dan']);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  await world.group('ci-pay-dev', []);
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 4);
  assert.deepEqual(
    (await waiting(world)).map((text) => text.split(': ')[1]),
    Array(4).fill('whole-group'),
  );
});

test('a name that returns with nobody in it waits, also where the group was renamed before it went', async (t) => {
  const world = await team(t, ['ana', 'bo', 'cleo', 'dan']);
  await world.rename('ci-pay-dev', 'payroll');
  await world.order(sync);
  await world.group('ci-pay-dev', []);
  await world.deleteGroup('payroll');
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 4);
  assert.deepEqual(new Set((await waiting(world)).map((text) => text.split(': ')[1])), new Set(['whole-group']));
});

test('an externalId that returns with nobody in the group waits like a name', async (t) => {
  const names = ['ana', 'bo', 'cleo', 'dan'];
  const policy = POLICY.replace('group: jenkins-admins', 'group: { externalId: "00g1" }').replace(
    'grant: administrator',
    'grant: { role: developer, team: pay }',
  );
  const world = await syncWorld(t, { start: false, policy });
  for (const name of names) await world.person(name);
  await world.group('others');
  await world.attributes('others', { externalId: '00g0' });
  await world.group('devs', names);
  await world.attributes('devs', { externalId: '00g1' });
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 4);
  for (const name of ['others', 'devs']) await world.deleteGroup(name);
  await world.group('devs again');
  await world.attributes('devs again', { externalId: '00g1' });
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 4);
  assert.deepEqual(new Set((await waiting(world)).map((text) => text.split(': ')[1])), new Set(['whole-group']));
});

test('two groups of one externalId grant nothing, also to those whom a pass looks at alone', async (t) => {
  const policy = POLICY.replace('group: ci-users', 'group: { externalId: "00g1" }');
  const world = await syncWorld(t, { start: false, policy });
  for (const name of ['ana', 'bo']) await world.person(name);
  for (const [name, member] of [
    ['one', 'ana'],
    ['two', 'bo'],
  ] as const) {
    await world.group(name, [member]);
    await world.attributes(name, { externalId: '00g1' });
  }
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
  await world.order({ kind: 'sync', person: world.idOf('ana') });
  assert.deepEqual(world.holders('browser'), []);
});

test('a rule whose unless group is missing gives nothing new, and takes nothing away', async (t) => {
  const world = await team(t, ['ana'], `${POLICY}    unless: { group: contractors }\n`, ['contractors']);
  await world.deleteGroup('contractors');
  await world.person('bo');
  await world.add('ci-pay-dev', 'bo');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  const { evaluation } = await world.assess();
  assert.ok(evaluation.findings.some(({ code }) => code === 'policy.unless-missing'));
});

test('a group that a rule names by externalId is followed where that changes, until the policy is edited', async (t) => {
  const policy = POLICY.replace('group: "ci-{team}-dev"', 'group: { externalId: "00g1" }')
    .replace('grant: developer', 'grant: { role: developer, team: pay }')
    .concat('    unless: { group: { externalId: "00g2" } }\n');
  const world = await syncWorld(t, { start: false, policy });
  for (const name of ['ana', 'bo', 'cleo']) await world.person(name);
  for (const [name, members, externalId] of [
    ['devs', ['ana', 'bo'], '00g1'],
    ['contractors', ['bo'], '00g2'],
  ] as const) {
    await world.group(name, members);
    await world.attributes(name, { externalId });
  }
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  await world.attributes('contractors', { externalId: undefined });
  await world.attributes('devs', { externalId: '00g9' });
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  await world.group('others', ['cleo']);
  await world.attributes('others', { externalId: '00g1' });
  await world.group('externals');
  await world.attributes('externals', { externalId: '00g2' });
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  world.setPolicy(`${policy}# edited\n`);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['cleo']);
});

test('a pass that began before an edit of the policy does not bind anew what the edit forgot', async (t) => {
  let edit = async (): Promise<void> => {};
  const world = await syncWorld(t, {
    start: false,
    store: (store) => ({
      ...store,
      write: async (work, options) => {
        await edit();
        return store.write(work, options);
      },
    }),
  });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  await world.rename('ci-pay-dev', 'payroll');
  const { policy } = world.context;
  const evaluated = (inForce: Awaited<ReturnType<typeof policy.current>>): typeof inForce =>
    inForce && {
      ...inForce,
      evaluate(facts, target) {
        edit = async () => {
          edit = async () => {};
          await world.store.write(({ db }) => forgetLostBindings(db, []));
        };
        return inForce.evaluate(facts, target);
      },
    };
  Object.assign(world.context, { policy: { ...policy, current: async () => evaluated(await policy.current()) } });
  await world.order(sync);
  assert.deepEqual(await world.store.read((db) => db.selectFrom('bindings').select('name_key').execute()), []);
});

async function team(
  t: Parameters<typeof syncWorld>[0],
  names: readonly string[],
  policy = POLICY,
  groups: readonly string[] = [],
): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, policy });
  for (const name of groups) await world.group(name);
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), sorted(names));
  return world;
}

function sorted(names: readonly string[]): string[] {
  return [...names].sort();
}

test('when a name returns, those who are not in the group any more lose at once, though no mark names them', async (t) => {
  const world = await team(t, ['ana', 'bo', 'cleo']);
  world.start();
  await world.deleteGroup('ci-pay-dev');
  await eventually(async () => (await waiting(world)).length === 3);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await eventually(() => !world.holders('pay-developer').includes('cleo'));
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'bo']);
});

test('when an unless group appears, those who waited for it gain at once, though no mark names them', async (t) => {
  const world = await syncWorld(t, { policy: `${POLICY}    unless: { group: contractors }\n` });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(
    async () => (await world.store.read((db) => db.selectFrom('bindings').selectAll().execute())).length > 0,
  );
  assert.deepEqual(world.holders('pay-developer'), []);
  await world.group('contractors');
  await eventually(() => world.holders('pay-developer').includes('ana'));
});

for (const empty of [false, true])
  test(`when a bound group is gone, the one that has its name counts at once${empty ? '; nobody was in it' : ''}`, async (t) => {
    const world = await team(t, ['ana', 'bo']);
    world.start();
    const holders = (): string[] => sorted(world.holders('pay-developer'));
    await world.rename('ci-pay-dev', 'payroll');
    for (const name of ['cleo', 'dan']) await world.person(name);
    await world.group('ci-pay-dev', ['cleo']);
    await world.add('payroll', 'dan');
    await eventually(() => world.holders('pay-developer').includes('dan'));
    assert.deepEqual(holders(), ['ana', 'bo', 'dan'], 'the rule follows the id');
    for (const name of empty ? ['ana', 'bo', 'dan'] : ['dan']) await world.drop('payroll', name);
    await eventually(() => holders().length === (empty ? 0 : 2));
    await world.deleteGroup('payroll');
    await eventually(() => world.holders('pay-developer').join() === 'cleo');
    assert.deepEqual(await waiting(world), []);
  });

test('a deletion does not freeze who was taken out before it, though no controller was looked at between', async (t) => {
  const world = await team(t, ['ana', 'bo', 'cleo', 'dan', 'eva']);
  await elsewhere(world);
  await world.drop('ci-pay-dev', 'bo', 'cleo');
  await world.deleteGroup('ci-pay-dev');
  const kept = (name: string) => explained(world, name);
  assert.deepEqual([await kept('ana'), await kept('bo')], [['kept'], ['pending']]);
  // A look at one of them knows as much as one at everybody.
  await world.order({ kind: 'sync', person: world.idOf('bo') });
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'cleo', 'dan', 'eva']);
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'dan', 'eva']);
  assert.deepEqual(await waiting(world), [
    'revoke ana: bound-group',
    'revoke dan: bound-group',
    'revoke eva: bound-group',
  ]);
});

test('a group that is emptied and then deleted loses all its members: that waits, at a look at one of them, too', async (t) => {
  const names = ['ana', 'bo', 'cleo', 'dan'];
  const world = await team(t, names);
  await world.drop('ci-pay-dev', ...names);
  await world.deleteGroup('ci-pay-dev');
  await world.order({ kind: 'sync', person: world.idOf('bo') });
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), names);
  assert.deepEqual(
    await waiting(world),
    names.map((name) => `revoke ${name}: whole-group`),
  );
});

test('a deletion freezes who was in it by way of a group, whether that is gone as well or not', async (t) => {
  for (const gone of [[], ['inner'], ['inner', 'middle']])
    for (const first of [true, false]) {
      const world = await syncWorld(t, { start: false });
      for (const name of ['ana', 'bo', 'cleo']) await world.person(name);
      await world.group('inner', ['ana', 'bo']);
      await world.group('middle', ['inner']);
      await world.group('ci-pay-dev', ['middle', 'cleo']);
      await world.order(sync);
      await world.drop('inner', 'bo');
      for (const name of first ? ['ci-pay-dev', ...gone] : [...gone, 'ci-pay-dev']) await world.deleteGroup(name);
      await world.order(sync);
      assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'cleo'], gone.join());
    }
});

test('the deletion of a group between is no individual removal: with the outer one gone, too, its people are frozen, if nobody looked before', async (t) => {
  for (const looked of [false, true]) {
    const world = await syncWorld(t, { start: false });
    for (const name of ['ana', 'cleo']) await world.person(name);
    await world.group('inner', ['ana']);
    await world.group('ci-pay-dev', ['inner', 'cleo']);
    await world.order(sync);
    await world.deleteGroup('inner');
    if (looked) await world.order(sync);
    await world.deleteGroup('ci-pay-dev');
    await world.order(sync);
    const frozen = looked ? ['cleo'] : ['ana', 'cleo'];
    assert.deepEqual(sorted(world.holders('pay-developer')), frozen);
    assert.deepEqual(
      await waiting(world),
      frozen.map((name) => `revoke ${name}: bound-group`),
    );
  }
});

test('whom only the database says to have been taken out before a deletion is frozen by it', async (t) => {
  const world = await team(t, ['ana', 'bo']);
  await world.store.write(({ db }) => db.deleteFrom('members').where('member_id', '=', world.idOf('bo')).execute());
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'bo']);
});

test('after the deletion of a large group an `unless` still takes from one of its members', async (t) => {
  const names = ['ana', 'bo', 'cleo', 'dan', 'eva'];
  const world = await team(t, names, `${POLICY}    unless: { group: contractors }\n`, ['contractors']);
  await elsewhere(world);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  await world.add('contractors', 'bo');
  await world.order({ kind: 'sync', person: world.idOf('bo') });
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'cleo', 'dan', 'eva']);
  await world.add('contractors', 'eva');
  await world.order(sync);
  assert.deepEqual(sorted(world.holders('pay-developer')), ['ana', 'cleo', 'dan']);
});

/** Somebody holds something by another group: not the whole connection loses all it has. */
async function elsewhere(world: SyncWorld): Promise<void> {
  await world.person('zoe');
  await world.group('ci-users', ['zoe']);
  await world.order(sync);
}

async function explained(world: SyncWorld, name: string): Promise<readonly string[]> {
  const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf(name), {});
  return grants.filter(({ role }) => role === 'pay-developer').map(({ loss = 'kept' }) => loss);
}
