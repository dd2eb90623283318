import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfAll } from '../../../src/plan/digest.ts';
import { releaseHeld } from '../../../src/sync/held/releaseHeld.ts';
import { counting } from '../counting.ts';
import { digestOf, heldRows, waiting } from '../rows.ts';
import { POLICY, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;
const CALLER = { connection: 'okta', credential: 'c', request: 'r-nested' };

/** Puts an edge into the database past the service. */
async function smuggle(
  world: SyncWorld,
  group: string,
  member: string,
  kind: 'User' | 'Group',
  request: string | null,
) {
  const row = {
    group_id: group,
    member_id: member,
    kind,
    since: '2026-11-24T08:00:00.000Z',
    request,
    credential: null,
  };
  await world.store.write(({ db }) => db.insertInto('members').values(row).execute());
}

test('an administrative gain by an edge that SQL put there is held, whatever request it claims', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'mallory', 'eve']) await world.person(name);
  const admins = await world.group('jenkins-admins', ['ana']);
  const { request } = await world.store.read((db) =>
    db.selectFrom('members').select('request').where('member_id', '=', world.idOf('ana')).executeTakeFirstOrThrow(),
  );
  await smuggle(world, admins, world.idOf('mallory'), 'User', request);
  await smuggle(world, admins, world.idOf('eve'), 'User', null);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  assert.deepEqual((await waiting(world)).toSorted(), ['grant eve: unproven', 'grant mallory: unproven']);
  const { digest } = await world.store.read((db) => db.selectFrom('held').select('digest').executeTakeFirstOrThrow());
  await world.order({ kind: 'apply', allowLoss: digest });
  assert.deepEqual(world.holders('administrator').toSorted(), ['ana', 'eve', 'mallory']);
});

test('what SQL released is held all the same, and waits for an operator as before', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'mallory']) await world.person(name);
  const admins = await world.group('jenkins-admins', ['ana']);
  await smuggle(world, admins, world.idOf('mallory'), 'User', null);
  await world.order(sync);
  await world.store.write(({ db }) => db.updateTable('held').set({ state: 'released' }).execute());
  for (const order of [sync, { ...sync, person: world.idOf('mallory') }, { kind: 'apply' } as const]) {
    await world.order(order);
    assert.deepEqual(world.holders('administrator'), ['ana']);
    assert.deepEqual(await waiting(world), ['grant mallory: unproven']);
  }
});

test('an edge that was taken out and put back by SQL, with all it had, is held', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo']) await world.person(name);
  const admins = await world.group('jenkins-admins', ['ana', 'bo']);
  const { request } = await world.store.read((db) =>
    db.selectFrom('members').select('request').where('member_id', '=', world.idOf('bo')).executeTakeFirstOrThrow(),
  );
  await world.drop('jenkins-admins', 'bo');
  await smuggle(world, admins, world.idOf('bo'), 'User', request);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  await world.drop('jenkins-admins', 'bo');
  await world.add('jenkins-admins', 'bo');
  await world.order(sync);
  assert.deepEqual(world.holders('administrator').toSorted(), ['ana', 'bo']);
});

test('by nesting: each edge of the way is recorded, or the gain is held', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'mallory']) await world.person(name);
  await world.group('ops', ['ana']);
  const mob = await world.group('mob', ['mallory']);
  const admins = await world.group('jenkins-admins', ['ops']);
  await smuggle(world, admins, mob, 'Group', 'r-nested');
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  assert.deepEqual(await waiting(world), ['grant mallory: unproven']);
});

test('a record that SQL wrote proves nothing; other gains need none', async (t) => {
  const world = await syncWorld(t, { start: false });
  const mallory = await world.person('mallory');
  const admins = await world.group('jenkins-admins');
  const team = await world.group('ci-pay-dev');
  await smuggle(world, team, mallory, 'User', null);
  await smuggle(world, admins, mallory, 'User', CALLER.request);
  await world.store.write(({ db }) =>
    db
      .insertInto('ledger')
      .values({
        uid: 'forged',
        at: '2026-11-24T08:00:00.000Z',
        kind: 'scim.group.members',
        request: CALLER.request,
        actor: null,
        subject_kind: 'group',
        subject_id: admins,
        body: JSON.stringify({ added: [mallory], connection: 'okta', displayName: 'jenkins-admins', removed: [] }),
        digests: '{}',
        proof: 'f'.repeat(64),
        seq: null,
        previous: null,
        hash: null,
        mac: null,
      })
      .execute(),
  );
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['mallory']);
  assert.deepEqual(world.holders('administrator'), []);
  assert.deepEqual(await waiting(world), ['grant mallory: unproven']);
});

const EXCEPTING = POLICY.replace('group: jenkins-admins', 'group: jenkins-admins\n    unless: { group: contractors }');

async function takeOut(world: SyncWorld, group: string, member: string): Promise<void> {
  const gone = (db: Parameters<Parameters<typeof world.store.read>[0]>[0]) =>
    db.deleteFrom('members').where('group_id', '=', group).where('member_id', '=', member).execute();
  await world.store.write(({ db }) => gone(db));
}

test('whom SQL took out of the group of an `unless` does not become an administrator by that', async (t) => {
  for (const way of ['directly', 'by a group in it', 'out of a group in it'])
    await t.test(way, async (t) => {
      const world = await syncWorld(t, { start: false, policy: EXCEPTING });
      for (const name of ['ana', 'bo', 'mallory']) await world.person(name);
      await world.group('jenkins-admins', ['ana', 'bo', 'mallory']);
      const agency = await world.group('agency', ['mallory']);
      const contractors = await world.group('contractors', way === 'directly' ? ['mallory', 'bo'] : ['agency', 'bo']);
      await world.order(sync);
      assert.deepEqual(world.holders('administrator'), ['ana']);
      if (way === 'directly') await takeOut(world, contractors, world.idOf('mallory'));
      else if (way === 'by a group in it') await takeOut(world, contractors, agency);
      else await takeOut(world, agency, world.idOf('mallory'));
      await world.order(sync);
      assert.deepEqual(world.holders('administrator'), ['ana']);
      assert.deepEqual(await waiting(world), ['grant mallory: unproven']);
      await world.drop('contractors', 'bo');
      await world.order(sync);
      assert.deepEqual(world.holders('administrator').toSorted(), ['ana', 'bo']);
    });
});

test('nor by that SQL took out the first and the last of the memberships that lead there, or all of them', async (t) => {
  for (const taken of [
    [0, 2],
    [0, 1, 2],
  ])
    await t.test(String(taken), async (t) => {
      const world = await syncWorld(t, { start: false, policy: EXCEPTING });
      for (const name of ['ana', 'mallory']) await world.person(name);
      await world.group('jenkins-admins', ['ana', 'mallory']);
      const agency = await world.group('agency', ['mallory']);
      const partners = await world.group('partners', ['agency']);
      const contractors = await world.group('contractors', ['partners']);
      const way = [world.idOf('mallory'), agency, partners, contractors];
      for (const n of taken) await takeOut(world, way[n + 1]!, way[n]!);
      await world.order(sync);
      assert.deepEqual(world.holders('administrator'), ['ana']);
      assert.deepEqual(await waiting(world), ['grant mallory: unproven']);
    });
});

test('groups in the group of an `unless`, and groups that somebody is in, are asked about once each, not in pairs', async (t) => {
  const counts = counting();
  const world = await syncWorld(t, { start: false, policy: EXCEPTING, store: counts.over });
  for (const name of ['ana', 'bo']) await world.person(name);
  const names = Array.from({ length: 12 }, (_, n) => n);
  for (const n of names) await world.group(`agency-${n}`);
  await world.group(
    'contractors',
    names.map((n) => `agency-${n}`),
  );
  for (const n of names) await world.group(`team-${n}`, ['ana', 'bo']);
  await world.group('jenkins-admins', ['ana', 'bo']);
  counts.take();
  await world.order(sync);
  assert.deepEqual(world.holders('administrator').toSorted(), ['ana', 'bo']);
  const asked = counts.take().statements.filter((text) => /select .* from "ledger"/.test(text));
  assert.ok(asked.length < 60, `${asked.length} statements`);
});

test('where SQL binds an `unless` to another group, nobody becomes an administrator by that', async (t) => {
  const world = await syncWorld(t, { start: false, policy: EXCEPTING });
  for (const name of ['ana', 'mallory']) await world.person(name);
  await world.group('jenkins-admins', ['ana', 'mallory']);
  await world.group('contractors', ['mallory']);
  const empty = await world.group('nobody');
  await world.order(sync);
  await world.store.write(({ db }) =>
    db.updateTable('bindings').set({ group_id: empty }).where('name_key', '=', 'contractors').execute(),
  );
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
});

test('an edge that SQL put there is held where SQL also says that the grant had been there', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'mallory']) await world.person(name);
  const admins = await world.group('jenkins-admins', ['ana']);
  await world.order(sync);
  await smuggle(world, admins, world.idOf('mallory'), 'User', null);
  await world.store.write(async ({ db }) => {
    const ana = await db.selectFrom('entries').selectAll().where('sid', '=', 'ana').executeTakeFirstOrThrow();
    await db
      .insertInto('entries')
      .values({ ...ana, sid: 'mallory', person: world.idOf('mallory') })
      .execute();
  });
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  assert.deepEqual(await waiting(world), ['grant mallory: unproven']);
});

test('a group that SQL gave the name of a rule, or tied to it, makes nobody an administrator', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'mallory', 'eve']) await world.person(name);
  const tea = await world.group('tea', ['mallory']);
  const named = { display_name: 'jenkins-admins', display_name_key: 'jenkins-admins' };
  await world.store.write(({ db }) => db.updateTable('groups').set(named).where('id', '=', tea).execute());
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
  assert.deepEqual(await waiting(world), ['grant mallory: unproven']);

  const back = { display_name: 'tea', display_name_key: 'tea' };
  await world.store.write(async ({ db }) => {
    await db.updateTable('groups').set(back).where('id', '=', tea).execute();
    await db.deleteFrom('bindings').execute();
  });
  const admins = await world.group('jenkins-admins', ['ana']);
  const cake = await world.group('cake', ['eve']);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  await world.store.write(({ db }) =>
    db.updateTable('bindings').set({ group_id: cake }).where('group_id', '=', admins).execute(),
  );
  await world.order(sync);
  assert.ok(!world.holders('administrator').includes('eve'));
  assert.ok((await waiting(world)).includes('grant eve: unproven'));
});

test('a group that was renamed goes on making administrators by the name a rule knows it by', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo', 'cy']) await world.person(name);
  await world.group('Admins', ['ana']);
  await world.rename('Admins', 'Jenkins-Admins');
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  await world.rename('Jenkins-Admins', 'Platform');
  await world.add('Platform', 'bo');
  await world.order(sync);
  assert.deepEqual(world.holders('administrator').toSorted(), ['ana', 'bo']);
});

/** Everything of a person is as the provider pushed it but this. */
const edit = (world: SyncWorld, name: string, values: object) =>
  world.store.write(({ db }) => db.updateTable('users').set(values).where('id', '=', world.idOf(name)).execute());

test('an account that SQL renamed, or made active again, administers nothing by the memberships of its person', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo', 'cy']) await world.person(name);
  await world.group('jenkins-admins', ['ana', 'bo', 'cy']);
  await world.change('bo', { active: false });
  await edit(world, 'ana', { user_name: 'mallory', user_name_key: 'mallory' });
  await edit(world, 'bo', { active: 1 });
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['cy']);
  assert.deepEqual((await waiting(world)).toSorted(), ['grant bo: unproven', 'grant mallory: unproven']);
  await edit(world, 'ana', { user_name: 'ana', user_name_key: 'ana' });
  await world.change('bo', { active: true, displayName: 'Bo' });
  await edit(world, 'cy', { email: 'mallory@corp.test' });
  await world.order(sync);
  assert.deepEqual(world.holders('administrator').toSorted(), ['ana', 'cy']);
});

test('a group that SQL gave the externalId of a rule makes nobody an administrator; one that the provider gave it does', async (t) => {
  const policy = POLICY.replace('group: jenkins-admins', 'group: { externalId: "00g-admins" }');
  const world = await syncWorld(t, { start: false, policy });
  for (const name of ['ana', 'mallory']) await world.person(name);
  const tea = await world.group('tea', ['mallory']);
  const give = (external_id: string | null) =>
    world.store.write(({ db }) => db.updateTable('groups').set({ external_id }).where('id', '=', tea).execute());
  await give('00g-admins');
  for (let pass = 0; pass < 2; pass++) {
    await world.order(sync);
    assert.deepEqual([world.holders('administrator'), await waiting(world)], [[], ['grant mallory: unproven']]);
  }
  await give(null);
  await world.store.write(({ db }) => db.deleteFrom('bindings').execute());
  await world.group('admins', ['ana']);
  await world.attributes('admins', { externalId: '00g-admins' });
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
});

test('who the provider renames, or brings back, goes on administering', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo']) await world.person(name, { externalId: `x-${name}` });
  await world.group('jenkins-admins', ['ana', 'bo']);
  await world.change('ana', { userName: 'anna', emails: [{ value: 'anna@corp.test', primary: true }] });
  await world.change('bo', { active: false });
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['anna']);
  await world.change('bo', { active: true });
  await world.change('bo', { displayName: 'Bo' });
  await world.order(sync);
  assert.deepEqual(world.holders('administrator').toSorted(), ['anna', 'bo']);
});

test('a rule for one person gives nothing to whom SQL gave their name', async (t) => {
  const policy = `${POLICY}  - { id: boss, user: bo, until: 2099-01-01, grant: administrator }\n`;
  const world = await syncWorld(t, { start: false, policy });
  for (const name of ['bo', 'mallory']) await world.person(name);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['bo']);
  const tied = { group_id: world.idOf('mallory') };
  await world.store.write(({ db }) =>
    db.updateTable('bindings').set(tied).where('group_id', '=', world.idOf('bo')).execute(),
  );
  await edit(world, 'bo', { user_name: 'away', user_name_key: 'away', active: 0 });
  await edit(world, 'mallory', { user_name: 'bo', user_name_key: 'bo' });
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
});

test('what SQL says was released waits on; what an operator released goes', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'guard: { gains: { administrators: { count: 0 } } }' });
  for (const name of ['ana', 'mallory']) await world.person(name);
  const admins = await world.group('jenkins-admins', ['ana']);
  await smuggle(world, admins, world.idOf('mallory'), 'User', null);
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['grant ana: gains.administrators', 'grant mallory: unproven']);
  const digest = await digestOf(world, 'gains.administrators');
  await world.store.write(({ db }) => db.updateTable('held').set({ state: 'released' }).execute());
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
  assert.deepEqual(await waiting(world), ['grant ana: gains.administrators', 'grant mallory: unproven'], 'as before');
  await world.order({ kind: 'apply', allowLoss: digest });
  assert.deepEqual(world.holders('administrator'), ['ana']);
  await world.store.write(({ db }) => db.updateTable('held').set({ state: 'released' }).execute());
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana'], 'the record is of somebody else');
});

/** An operator let ana into the role, and she was put there. */
async function letIn(t: Parameters<typeof syncWorld>[0]): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, more: 'guard: { gains: { administrators: { count: 0 } } }' });
  for (const name of ['ana', 'mallory']) await world.person(name);
  await world.group('jenkins-admins', ['ana']);
  await world.order(sync);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'gains.administrators') });
  assert.deepEqual(world.holders('administrator'), ['ana']);
  return world;
}

test('a release lets through the step it was about, whatever SQL writes beside the name of another', async (t) => {
  const world = await letIn(t);
  const released = await world.store.read((db) =>
    db.selectFrom('ledger').select('body').where('kind', '=', 'plan.released').executeTakeFirstOrThrow(),
  );
  assert.match(released.body, /"keys":\["[0-9a-f]{64}"\]/);
  await smuggle(world, world.groupOf('jenkins-admins'), world.idOf('mallory'), 'User', null);
  await world.order(sync);
  const [row] = await heldRows(world);
  const harmless = { ...JSON.parse(row!.step), person: world.idOf('ana'), principal: { type: 'user', id: 'ana' } };
  const since = '2026-01-01T00:00:00.000Z';
  await world.store.write(({ db }) =>
    db
      .updateTable('held')
      .set({ state: 'released', step: JSON.stringify(harmless), since })
      .execute(),
  );
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
});

test('a release that was carried out lets nothing through again, whatever SQL says it waited for', async (t) => {
  const world = await letIn(t);
  await world.drop('jenkins-admins', 'ana');
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
  await smuggle(world, world.groupOf('jenkins-admins'), world.idOf('ana'), 'User', null);
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['grant ana: unproven']);
  const since = '2026-01-01T00:00:00.000Z';
  await world.store.write(({ db }) => db.updateTable('held').set({ state: 'released', since }).execute());
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
  assert.deepEqual(await waiting(world), ['grant ana: unproven']);
});

test('a release that was not carried out counts for a day, whatever SQL says of the step later', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'guard: { gains: { administrators: { count: 0 } } }' });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('jenkins-admins', ['ana']);
  await world.order(sync);
  await releaseHeld(world.context, 'ci', await digestOf(world, 'gains.administrators'));
  await world.drop('jenkins-admins', 'ana');
  await world.order(sync);
  await world.add('jenkins-admins', 'bo');
  await world.order(sync);
  await releaseHeld(world.context, 'ci', await digestOf(world, 'gains.administrators'));
  world.time.forward(23 * 3_600_000);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['bo'], 'it was wanted all the time');
  world.time.forward(2 * 3_600_000);
  await world.add('jenkins-admins', 'ana');
  await world.order(sync);
  await world.store.write(({ db }) => db.updateTable('held').set({ state: 'released' }).execute());
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['bo']);
  assert.deepEqual(await waiting(world), ['grant ana: gains.administrators'], 'it is listed again');
});

test('leavers who were released go when the controller is there again, however long it was down', async (t) => {
  const losses = 'guard: { losses: { disableUsers: { count: 0, percent: 0, atLeast: 0 } } }';
  const world = await syncWorld(t, { start: false, more: losses });
  const people = ['ana', 'bo', 'cy', 'di', 'eve'];
  for (const name of people) await world.person(name);
  await world.group('ci-pay-dev', people);
  await world.order(sync);
  await world.change('ana', { active: false });
  await world.order(sync);
  assert.ok(world.holders('pay-developer').includes('ana'), 'they wait');
  await releaseHeld(world.context, 'ci', await digestOf(world, 'losses.disableUsers'));
  world.time.forward(49 * 3_600_000);
  await world.order(sync);
  assert.ok(!world.holders('pay-developer').includes('ana'));
});

test('what a release gave an account that the policy names is not given again by it', async (t) => {
  const rule = (id: string) =>
    `  - { id: ${id}, principal: ${id}, owner: ana, reason: OPS-1, review: 2099-01-01, grant: administrator }\n`;
  const more = 'guard: { gains: { administrators: { count: 0 } } }';
  const world = await syncWorld(t, { start: false, more, policy: `${POLICY}${rule('svc-a')}${rule('svc-b')}` });
  await world.order(sync);
  const digest = await digestOf(world, 'gains.administrators');
  world.setPolicy(`${POLICY}${rule('svc-a')}`);
  await world.context.policy.current();
  await world.order({ kind: 'apply', allowLoss: digest });
  assert.deepEqual(world.holders('administrator'), ['svc-a']);
  world.setPolicy(`${POLICY}# nobody\n`);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
  world.setPolicy(`${POLICY}${rule('svc-a')}`);
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['grant svc-a: older-policy']);
  await world.store.write(({ db }) => db.updateTable('held').set({ state: 'released' }).execute());
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
  world.setPolicy(`${POLICY}${rule('svc-a')}${rule('svc-b')}`);
  await world.order(sync);
  await world.store.write(({ db }) => db.updateTable('held').set({ state: 'released' }).execute());
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['svc-b'], 'that was released, and not given yet');
});

test('what SQL puts under a digest, or shows as another step, is not released with it', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'guard: { gains: { administrators: { count: 0 } } }' });
  for (const name of ['ana', 'mallory']) await world.person(name);
  const admins = await world.group('jenkins-admins', ['ana']);
  await smuggle(world, admins, world.idOf('mallory'), 'User', null);
  await world.order(sync);
  const digest = await digestOf(world, 'gains.administrators');
  const rows = await heldRows(world);
  const [ana, mallory] = ['gains.administrators', 'unproven'].map(
    (name) => rows.find(({ ceiling }) => ceiling === name)!,
  );
  const put = (values: object) =>
    world.store.write(({ db }) =>
      db.updateTable('held').set(values).where('step_key', '=', mallory!.step_key).execute(),
    );
  for (const values of [
    { digest },
    { digest, ceiling: ana!.ceiling },
    { digest, ceiling: ana!.ceiling, state: 'rejected' },
    { digest, ceiling: ana!.ceiling, step: ana!.step },
  ]) {
    await put(values);
    await assert.rejects(world.order({ kind: 'apply', allowLoss: digest }), /PLAN_ALTERED/);
  }
  const own = digestOfAll([mallory!.step_key]);
  await put({ digest: own, ceiling: ana!.ceiling, step: ana!.step });
  await assert.rejects(world.order({ kind: 'apply', allowLoss: own }), /PLAN_ALTERED/, 'it shows what ana is to gain');
  await put(mallory!);
  await world.order({ kind: 'apply', allowLoss: digest });
  assert.deepEqual(world.holders('administrator'), ['ana']);
});
