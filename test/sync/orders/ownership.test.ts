import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../../src/sync/explain.ts';
import { adopt, disown } from '../../../src/sync/orders/adoption.ts';
import { detach } from '../../../src/sync/orders/detach.ts';
import { existingPolicy } from '../existingPolicy.ts';
import { digestOf, entryRows, waiting } from '../rows.ts';
import { POLICY, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;
const HOUR = 3_600_000;

test('a desired entry that is already there is matched where the role was made by hand, and not removed until adopt', async (t) => {
  const world = await syncWorld(t, { start: false, policy: existingPolicy() });
  world.practice.hands.defineRole({
    type: 'global',
    name: 'readers',
    pattern: '',
    permissions: ['hudson.model.Hudson.Read'],
  });
  world.practice.hands.grant('readers', 'ana');
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  assert.equal((await world.order(sync)).error, undefined);
  assert.deepEqual(
    (await entryRows(world)).map(({ sid, standing }) => [sid, standing]),
    [['ana', 'matched']],
  );
  await world.drop('ci-users', 'ana');
  await world.order(sync);
  assert.deepEqual(world.holders('readers'), ['ana']);
  await world.add('ci-users', 'ana');
  assert.equal(await adopt(world.context, await world.assess(), undefined), 1);
  await world.drop('ci-users', 'ana');
  await world.order(sync);
  assert.deepEqual(world.holders('readers'), []);
});

test('adopt leaves roles alone that are protected, and those that cannot be given as the policy has them', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    controller: '    protect: { users: [], groups: [], roles: ["pay-*"] }',
    policy: POLICY.replace('preset: browse', 'permissions: [Overall/Read, Overall/Nonsense]'),
  });
  for (const name of ['pay-developer', 'ops-developer']) {
    const permissions = ['hudson.model.Item.Read', 'hudson.model.Item.Build'];
    const pattern = `^${name.slice(0, 3)}(/.*)?$`;
    world.practice.hands.defineRole({ type: 'item', name, pattern, permissions });
    world.practice.hands.grant(name, 'ana');
  }
  world.practice.hands.defineRole({ type: 'global', name: 'browser', pattern: '', permissions: [] });
  await world.person('ana');
  for (const group of ['ci-pay-dev', 'ci-ops-dev', 'ci-users']) await world.group(group, ['ana']);
  await world.order(sync);
  await adopt(world.context, await world.assess(), undefined);
  const owned = await world.store.read((db) => db.selectFrom('owned_roles').select('role_name').execute());
  assert.deepEqual(
    owned.map(({ role_name }) => role_name).filter((name) => name !== 'administrator'),
    ['ops-developer'],
  );
  assert.deepEqual(
    (await entryRows(world)).filter(({ standing }) => standing === 'owned').map(({ role_name }) => role_name),
    ['ops-developer'],
  );
});

test('a desired entry that is already there is owned if the service created the role', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev', []);
  await world.order(sync);
  world.practice.hands.grant('pay-developer', 'ana');
  await world.add('ci-pay-dev', 'ana');
  await world.order(sync);
  await world.drop('ci-pay-dev', 'ana');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('an entry of ours that is there again counts as there: explain says so, and the next loss is no drift', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  await world.store.write(({ db }) => db.updateTable('entries').set({ verified: 0, desired: 0 }).execute());
  await world.order({ kind: 'sync' });
  const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {});
  assert.equal(grants[0]?.effective, true);
  await world.drop('ci-pay-dev', 'ana');
  const { plan } = await world.assess();
  assert.deepEqual(
    plan.steps.map(({ kind, cause }) => [kind, cause]),
    [['revoke', 'unentitled']],
  );
});

test('ownership only grows until disown: then entries are unmanaged and stay', async (t) => {
  const world = await team(t);
  assert.ok((await disown(world.context, 'ci', 'pay-developer')) >= 2);
  await world.drop('ci-pay-dev', 'ana');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  const { plan } = await world.assess();
  assert.ok(plan.unmanaged.some(({ principal }) => principal.id === 'ana'));
});

test('where a definition gains permissions and unmanaged entries would receive them, the change is held', async (t) => {
  const world = await team(t);
  world.practice.hands.grant('pay-developer', 'mallory');
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', '[Job/Read, Job/Build, Job/Delete]'));
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['update-role : unmanaged-gain']);
  assert.equal(world.practice.look.may('mallory', 'hudson.model.Item.Delete', 'pay/api'), false);
  world.practice.hands.revoke('pay-developer', 'mallory');
  world.practice.hands.grant('pay-developer', 'mallory', 'group');
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['update-role : unmanaged-gain']);
});

test('entries that are not ours and were to fall receive nothing by a definition while their removal waits', async (t) => {
  const wider = POLICY.replace('[Job/Read, Job/Build]', '[Job/Read, Job/Build, Job/Delete]');
  const exclusive = wider.replace('Job/Delete]', 'Job/Delete]\n    entries: exclusive');
  const none = '{ count: 0, percent: 0, atLeast: 0 }';
  for (const [policy, more] of [
    [exclusive, `guard: { losses: { revokeGrants: ${none} } }`],
    [wider, `guard: { losses: { disableUsers: ${none} } }`],
    [wider, 'leaver: { grants: managed }'],
  ] as const) {
    const world = await team(t, more);
    world.practice.hands.grant('pay-developer', 'mallory');
    if (policy === wider) await world.person('mallory', { active: false });
    await world.order(sync);
    world.setPolicy(policy);
    await world.order(sync);
    assert.deepEqual(
      (await waiting(world)).filter((one) => one.startsWith('update-role')),
      ['update-role : unmanaged-gain'],
      more,
    );
    assert.equal(world.practice.look.may('mallory', 'hudson.model.Item.Delete', 'pay/api'), false);
    await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'unmanaged-gain') });
    assert.equal(
      world.practice.look.may('mallory', 'hudson.model.Item.Delete', 'pay/api'),
      true,
      'where it is released',
    );
  }
});

test('what others have by a rule is not made by hand for a look at one person: the role gains what it should', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo', 'cy']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo', 'cy']);
  await world.order(sync);
  const more = '[Job/Read, Job/Build, Job/Delete]';
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', more));
  await world.order({ ...sync, person: world.idOf('ana') });
  assert.deepEqual(await waiting(world), []);
  assert.equal(world.practice.look.may('bo', 'hudson.model.Item.Delete', 'pay/api'), true);
  world.practice.hands.grant('pay-developer', 'mallory');
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', more.replace('Delete', 'Configure')));
  await world.order({ ...sync, person: world.idOf('ana') });
  assert.deepEqual(await waiting(world), ['update-role : unmanaged-gain']);
});

test('a role that somebody widened to everything is put back, whoever else is in it: nobody gains by that', async (t) => {
  const world = await team(t);
  world.practice.hands.grant('pay-developer', 'by-hand');
  const definition = () => {
    const { pattern, permissions } = world.practice.look.roles('item').find(({ name }) => name === 'pay-developer')!;
    return { pattern, permissions: permissions.toSorted() };
  };
  const ours = definition();
  const permissions = [...ours.permissions, 'hudson.model.Item.Configure'];
  world.practice.hands.defineRole({ type: 'item', name: 'pay-developer', pattern: '.*', permissions });
  await world.order(sync);
  assert.deepEqual(definition(), ours);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['ana', 'by-hand']);
});

test('a redefinition loses no assignment', async (t) => {
  const world = await team(t);
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', '[Job/Read, Job/Build, Job/Cancel]'));
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  assert.equal(world.practice.look.may('ana', 'hudson.model.Item.Cancel', 'pay/api'), true);
});

test('a role that leaves the policy: owned grants fall; it is deleted only after 24 h without entries', async (t) => {
  const world = await team(t);
  world.setPolicy(without(POLICY));
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
  assert.ok(roleNames(world).includes('pay-developer'));
  await world.order(sync);
  world.time.forward(23 * HOUR);
  await world.order(sync);
  assert.ok(roleNames(world).includes('pay-developer'));
  world.time.forward(2 * HOUR);
  await world.order(sync);
  assert.ok(!roleNames(world).includes('pay-developer'));
});

test('a role that was used again meanwhile has its 24 h begin anew', async (t) => {
  const world = await team(t);
  world.setPolicy(without(POLICY));
  await world.order(sync);
  await world.order(sync);
  world.time.forward(20 * HOUR);
  world.practice.hands.grant('pay-developer', 'carol');
  await world.order(sync);
  world.practice.hands.revoke('pay-developer', 'carol');
  await world.order(sync);
  world.time.forward(20 * HOUR);
  await world.order(sync);
  assert.ok(roleNames(world).includes('pay-developer'));
});

test('a role that leaves the policy and was not created by the service is reported, never deleted', async (t) => {
  const world = await syncWorld(t, { start: false, policy: existingPolicy() });
  world.practice.hands.defineRole({
    type: 'global',
    name: 'readers',
    pattern: '',
    permissions: ['hudson.model.Hudson.Read'],
  });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order(sync);
  assert.deepEqual(world.holders('readers'), ['ana']);
  world.setPolicy(POLICY);
  await world.order(sync);
  await world.order(sync);
  world.time.forward(48 * HOUR);
  await world.order(sync);
  assert.deepEqual(world.holders('readers'), []);
  assert.ok(world.practice.look.roles('global').some(({ name }) => name === 'readers'));
});

test('existing: roles are assigned, never defined, never created', async (t) => {
  const world = await syncWorld(t, { start: false, policy: existingPolicy() });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order(sync);
  assert.ok(!world.practice.look.roles('global').some(({ name }) => name === 'readers'));
  const { plan } = await world.assess();
  assert.ok(plan.findings.some(({ code }) => code === 'role.existing-absent'));
  world.practice.hands.defineRole({
    type: 'global',
    name: 'readers',
    pattern: '',
    permissions: ['hudson.model.View.Read'],
  });
  await world.order(sync);
  assert.deepEqual(world.holders('readers'), ['ana']);
  const role = world.practice.look.roles('global').find(({ name }) => name === 'readers');
  assert.deepEqual(role?.permissions, ['hudson.model.View.Read']);
});

test('entries: exclusive removes what was made by hand, additive leaves it', async (t) => {
  const world = await team(t);
  world.practice.hands.grant('pay-developer', 'mallory');
  await world.order(sync);
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'mallory']);
  world.setPolicy(POLICY.replace('name: "{team}-developer"', 'name: "{team}-developer"\n    entries: exclusive'));
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('renamedFrom moves the grants and deletes the old role at once', async (t) => {
  const world = await team(t);
  world.setPolicy(
    POLICY.replace('name: "{team}-developer"', 'name: "{team}-engineer"\n    renamedFrom: "{team}-developer"'),
  );
  await world.order(sync);
  assert.deepEqual(world.holders('pay-engineer'), ['ana']);
  assert.ok(!roleNames(world).includes('pay-developer'));
});

test('an unknown permission blocks that role on that controller: no gain, no loss, a finding; others go on', async (t) => {
  const world = await team(t);
  await world.person('bo');
  await world.group('ci-users', ['bo']);
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', '[Job/Read, Job/Frobnicate]'));
  await world.add('ci-pay-dev', 'bo');
  await world.drop('ci-pay-dev', 'ana');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  assert.deepEqual(world.holders('browser'), ['bo']);
  const { evaluation } = await world.assess();
  assert.ok(evaluation.findings.some(({ finding }) => finding.includes('Frobnicate')));
});

function without(policy: string): string {
  return policy.replace('group: "ci-{team}-dev"\n    grant: developer', 'group: others\n    grant: browser');
}

async function team(t: Parameters<typeof syncWorld>[0], more = ''): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, more });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  assert.equal((await world.order(sync)).error, undefined);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  return world;
}

function roleNames(world: SyncWorld): string[] {
  return world.practice.look.roles('item').map(({ name }) => name);
}

test('what waits for a release on a controller that is let go of waits no more, and counts against no ceiling of others', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    controllers: ['ci', 'cd'],
    more: 'guard: { gains: { administrators: { count: 0 } } }',
  });
  await world.person('ana');
  await world.group('jenkins-admins', ['ana']);
  for (const name of ['ci', 'cd']) await world.order({ kind: 'sync' }, name);
  const left = () =>
    world.store.read(async (db) => {
      const rows = await db.selectFrom('held').select('controller').execute();
      const events = await db.selectFrom('guard_events').select('controller').where('state', '=', 'held').execute();
      return [rows, events].map((all) => [...new Set(all.map(({ controller }) => controller))].sort());
    });
  assert.deepEqual(await left(), [
    ['cd', 'ci'],
    ['cd', 'ci'],
  ]);
  await detach(world.context, 'ci');
  assert.deepEqual(await left(), [['cd'], ['cd']]);
});
