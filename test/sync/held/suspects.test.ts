import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adopt } from '../../../src/sync/orders/adoption.ts';
import { mark, stolen } from '../compromised.ts';
import { existingPolicy } from '../existingPolicy.ts';
import { forge } from '../forged.ts';
import { digestOf, waiting } from '../rows.ts';
import { POLICY, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('what people gain by a compromised credential waits; what they had and what others lose does not', async (t) => {
  // Nothing else works when the clock is moved: to a worker it would be a process that was frozen.
  const world = await syncWorld(t, { start: false });
  for (const name of ['old', 'leaver']) await world.person(name);
  await world.group('ci-pay-dev', ['old', 'leaver']);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['leaver', 'old']);
  const since = stolen(world);
  await mark(world, since);
  await world.person('mallory');
  await world.add('ci-pay-dev', 'mallory');
  await world.group('ci-web-dev', ['old']);
  await world.change('leaver', { active: false });
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['old']);
  assert.deepEqual(world.holders('web-developer'), []);
  assert.deepEqual((await waiting(world)).toSorted(), ['grant mallory: compromised', 'grant old: compromised']);
});

test('what people gained by a compromised credential is taken back and waits at once, however they hold on to the group; the rest stays', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['old', 'mallory', 'bystander']) await world.person(name);
  await world.group('ci-pay-dev', ['old']);
  await world.order(sync);
  world.practice.hands.grant('pay-developer', 'by-hand');
  await world.group('ci-ops-dev', ['bystander']);
  const since = stolen(world);
  await world.add('ci-pay-dev', 'mallory');
  await world.group('ci-web-dev', ['old']);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['by-hand', 'mallory', 'old']);
  assert.deepEqual(world.holders('web-developer'), ['old']);
  await mark(world, since);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['by-hand', 'old'], 'what old had before stays');
  assert.deepEqual(world.holders('web-developer'), []);
  assert.deepEqual(world.holders('ops-developer'), ['bystander']);
  const revoked = (await world.ledger.about({ kind: 'user', id: world.idOf('mallory') }, 100)).find(
    ({ kind }) => kind === 'grant.removed',
  );
  assert.equal(revoked?.body.cause, 'compromised');
  assert.deepEqual((await waiting(world)).toSorted(), ['grant mallory: compromised', 'grant old: compromised']);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['by-hand', 'old']);
});

test('what a compromised credential gave is taken back whatever greater thing it asked for, too: what waits makes up for nothing', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['old', 'mallory']) await world.person(name);
  await world.group('ci-pay-dev', ['old']);
  await world.order(sync);
  const since = stolen(world);
  await world.add('ci-pay-dev', 'mallory');
  await world.order(sync);
  await world.group('jenkins-admins', ['mallory']);
  await mark(world, since);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['old']);
  assert.deepEqual((await waiting(world)).toSorted(), ['grant mallory: compromised', 'grant mallory: compromised']);
});

test('what a compromised credential gave by a group that was deleted since is taken back; who was in it before is kept', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['old', 'mallory', 'nested', 'both']) await world.person(name);
  await world.group('ci-pay-dev', ['old']);
  await world.group('ci-web-dev', ['both']);
  await world.order(sync);
  const since = stolen(world);
  await world.group('inner', ['nested']);
  const refs = [{ value: world.groupOf('inner') }];
  const caller = { connection: 'okta', credential: 'cred', request: 'nests' };
  await world.directory.changeGroup(caller, world.groupOf('ci-pay-dev'), [{ op: 'add-members', members: refs }]);
  await world.add('ci-pay-dev', 'mallory', 'both');
  await world.group('ci-new-dev', ['mallory', 'old']);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['both', 'mallory', 'nested', 'old']);
  for (const name of ['inner', 'ci-pay-dev', 'ci-new-dev']) await world.deleteGroup(name);
  await world.order(sync);
  assert.ok((await waiting(world)).includes('revoke mallory: bound-group'));
  await mark(world, since);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['old']);
  assert.deepEqual(world.holders('new-developer'), []);
  assert.deepEqual(world.holders('web-developer'), ['both']);
  assert.deepEqual(
    (await waiting(world)).filter((one) => one.startsWith('revoke')),
    ['revoke old: bound-group'],
  );
});

test('what was given by hand and adopted did not come of a compromised credential, whoever put the person into the group', async (t) => {
  const world = await syncWorld(t, { start: false, policy: existingPolicy() });
  world.practice.hands.defineRole({
    ...{ type: 'global', name: 'readers', pattern: '', permissions: ['hudson.model.Hudson.Read'] },
  });
  world.practice.hands.grant('readers', 'ana');
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-users', ['ana', 'bo']);
  await world.order(sync);
  assert.equal(await adopt(world.context, await world.assess(), undefined), 1);
  assert.deepEqual(world.holders('readers').toSorted(), ['ana', 'bo']);
  await mark(world, world.context.clock.now() - 3_600_000);
  await world.order(sync);
  assert.deepEqual(world.holders('readers'), ['ana']);
});

test('what was let through after the mark is not taken back again', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  await mark(world, world.context.clock.now() - 3_600_000, world.context.clock.now());
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
  await world.order(sync);
  world.time.forward(60_001);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'compromised') });
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  for (let n = 0; n < 2; n++) await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('who had it before, lost it, and got it by a compromised credential loses it again; what was repaired stays', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['again', 'repaired']) await world.person(name);
  await world.group('ci-pay-dev', ['again', 'repaired']);
  await world.order(sync);
  await world.drop('ci-pay-dev', 'again');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['repaired']);
  const since = stolen(world);
  await world.add('ci-pay-dev', 'again');
  await world.change('repaired', { title: 'x' });
  world.practice.hands.revoke('pay-developer', 'repaired');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['again', 'repaired']);
  await mark(world, since);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['repaired']);
});

test('what was under way when the credential was marked is taken back, too', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  const now = world.context.clock.now();
  await world.order(sync);
  await mark(world, now - 3_600_000, now - 1);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('an observed controller is left as it is: an operator sees what would be taken back', async (t) => {
  const world = await syncWorld(t, { start: false, mode: 'observe' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'apply' });
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  await mark(world, world.context.clock.now() - 3_600_000, world.context.clock.now());
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  const { plan } = await world.assess();
  assert.deepEqual(
    plan.steps.map(({ kind, cause }) => [kind, cause]),
    [['revoke', 'compromised']],
  );
});

test('marked from a later moment on, nothing of before is held anew', async (t) => {
  const world = await syncWorld(t);
  await mark(world, world.context.clock.now() + 3_600_000);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('people in a group that was nested by it are suspects too', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('inner', ['ana']);
  await world.order(sync);
  const since = stolen(world);
  await mark(world, since);
  await world.ensureGroup('ci-pay-dev');
  const id = world.groupOf('ci-pay-dev');
  await world.store.write(({ db }) =>
    db
      .insertInto('members')
      .values({
        ...{ group_id: id, member_id: world.groupOf('inner'), kind: 'Group' as const, request: null },
        ...{ since: new Date(since + 1).toISOString(), credential: 'cred' },
      })
      .execute(),
  );
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('of the JWTs of an issuer, what they did until their mark is held; what later ones do is not', async (t) => {
  const world = await syncWorld(t, { start: false });
  const since = world.context.clock.now();
  const jwt = 'jwt:okta';
  const ours = (column: 'members' | 'journal') =>
    world.store.write(({ db }) => db.updateTable(column).set({ credential: jwt }).execute());
  await world.person('thief');
  await world.group('ci-pay-dev', ['thief']);
  world.time.forward(60_000);
  const [from, marked_at] = [since, world.context.clock.now()].map((at) => new Date(at).toISOString());
  await world.store.write(({ db }) =>
    db.insertInto('compromised').values({ credential: jwt, since: from!, marked_at: marked_at! }).execute(),
  );
  world.time.forward(3_600_000);
  await world.person('later');
  await world.group('ci-web-dev', ['later']);
  for (const table of ['members', 'journal'] as const) await ours(table);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
  assert.deepEqual(world.holders('web-developer'), ['later']);
  assert.deepEqual(await waiting(world), ['grant thief: compromised']);
});

test('who is taken out of the group of an `unless` by a compromised credential gains by that, too, whatever else somebody wrote into the ledger', async (t) => {
  const policy = POLICY.replace('    grant: developer', '    unless: { group: contractors }\n    grant: developer');
  const world = await syncWorld(t, { start: false, policy });
  for (const name of ['old', 'early', 'late', 'other']) await world.person(name);
  await world.group('ci-pay-dev', ['old', 'early', 'late', 'other']);
  await world.group('contractors', ['early', 'late', 'other']);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['old']);
  await world.drop('contractors', 'other');
  await world.order(sync);
  const since = stolen(world);
  await world.drop('contractors', 'early');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['early', 'old', 'other']);
  await mark(world, since);
  const contractors = world.groupOf('contractors');
  for (const body of ['null', '{', '5', '{"removed":5}', '{"removed":[7,null]}'])
    await forge(world, {
      ...{ kind: 'scim.group.members', subject_kind: 'group', subject_id: contractors },
      ...{ actor: 'cred', body },
    });
  await world.empty('contractors');
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['old', 'other']);
  assert.deepEqual((await waiting(world)).toSorted(), ['grant early: compromised', 'grant late: compromised']);
});
