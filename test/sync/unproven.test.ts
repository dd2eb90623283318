import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waiting } from './rows.ts';
import { type SyncWorld, syncWorld } from './world.ts';

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
