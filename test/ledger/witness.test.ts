import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LedgerEvent } from '../../src/access/ports/recorder.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';

type Subject = NonNullable<LedgerEvent['subject']>;
type Body = Readonly<Record<string, unknown>>;

async function world(t: TestContext) {
  const store = await openTestStore(t);
  const random = seededRandom();
  const keys = parseKeyFile(newKeyFile(random.bytes));
  const { witness, record, recordAll } = createLedger({ store, clock: new SimulatedTime(), random, keys });
  const tellAll = (kind: string, subject: Subject, bodies: readonly Body[]) =>
    store.write((tx) =>
      recordAll(
        tx,
        bodies.map((body) => ({ kind, subject, body, request: 'r', actor: 'a' })),
      ),
    );
  const tell = (kind: string, subject: Subject, body: Body) => tellAll(kind, subject, [body]);
  /** What somebody else writes: as one of ours, but for the proof. */
  const forge = (kind: string, { kind: subject_kind, id: subject_id }: Subject, body: Body) =>
    store.write(({ db }) =>
      db
        .insertInto('ledger')
        .values({
          ...{ uid: random.id(), at: '2026-11-24T08:00:00.000Z', kind, request: 'r', actor: 'a' },
          ...{ subject_kind, subject_id, body: JSON.stringify(body), digests: '{}', proof: '0'.repeat(64) },
        })
        .execute(),
    );
  return { store, witness, record, tell, tellAll, forge, random };
}

const group = (id: string): Subject => ({ kind: 'group', id });
const controller = (id: string): Subject => ({ kind: 'controller', id });
const user = (id: string): Subject => ({ kind: 'user', id });
const breathe = async (): Promise<void> => {};

test('who is in a group by its records: all of them, in their order, and nobody is out by what somebody else wrote', async (t) => {
  const { store, witness, tell, tellAll, forge } = await world(t);
  const inside = async (id = 'g') => [...(await store.read((db) => witness.members(db, id, breathe)))].sort();
  assert.deepEqual(await inside(), []);
  const names = Array.from({ length: 120 }, (_, n) => `m${String(n).padStart(3, '0')}`);
  await tellAll(
    'scim.group.members',
    group('g'),
    names.map((name) => ({ added: [name], removed: [] })),
  );
  await tell('scim.group.members', group('other'), { added: ['x'], removed: ['m000'] });
  await tell('scim.group.changed', group('g'), { added: ['y'], removed: ['m000'] });
  await tell('scim.group.members', user('g'), { added: ['z'], removed: ['m000'] });
  assert.deepEqual(await inside(), names);
  await tell('scim.group.members', group('g'), { added: ['new'], removed: ['m001', 'm119', 'nobody'] });
  const now = [...names.filter((name) => name !== 'm001' && name !== 'm119'), 'new'].sort();
  assert.deepEqual(await inside(), now);
  await tell('scim.group.members', group('g'), { added: ['m001'] });
  assert.deepEqual(await inside(), [...now, 'm001'].sort());
  await forge('scim.group.members', group('g'), { added: [], removed: ['m002', 'never'] });
  assert.deepEqual(await inside(), [...now, 'm001', 'never'].sort(), 'whom a forged removal names counts as inside');
});

test('the newest policy is the one that came into force last for the first time, by records of ours', async (t) => {
  const { store, witness, tell, forge } = await world(t);
  const newest = () => store.read((db) => witness.newestPolicy(db));
  assert.equal(await newest(), undefined);
  const policy = (id: string): Subject => ({ kind: 'policy', id });
  for (const id of ['p1', 'p2', 'p1']) await tell('policy.activated', policy(id), {});
  assert.equal(await newest(), 'p2', 'an older one that is put back is not newer for that');
  await tell('policy.refused', policy('p3'), {});
  await tell('policy.activated', user('p4'), {});
  await forge('policy.activated', policy('p1'), {});
  await forge('policy.activated', policy('p5'), {});
  assert.equal(await newest(), 'p2');
  await tell('policy.activated', policy('p6'), {});
  assert.equal(await newest(), 'p6');
});

test('releases are those of one controller, the last first, and none that somebody else wrote', async (t) => {
  const { store, witness, tell, forge } = await world(t);
  const released = async () =>
    (await store.read((db) => witness.releases(db, 'ci'))).map(({ keys, named }) => [keys.join(), named.join()]);
  await tell('plan.released', controller('ci'), { keys: ['k1'], named: ['ana'] });
  await tell('plan.released', controller('ci'), {});
  await tell('plan.released', controller('cd'), { keys: ['k2'], named: ['ana'] });
  await tell('plan.rejected', controller('ci'), { keys: ['k3'], named: ['ana'] });
  await tell('plan.released', user('ci'), { keys: ['k4'], named: ['ana'] });
  await tell('plan.released', controller('ci'), { keys: ['k5', 'k6'] });
  await forge('plan.released', controller('ci'), { keys: ['k7'], named: ['eve'] });
  assert.deepEqual(await released(), [
    ['k5,k6', ''],
    ['', ''],
    ['k1', 'ana'],
  ]);
});

test('what was done since a record is told of one controller, of these people and of nobody, and only where it is ours', async (t) => {
  const { store, witness, tell, forge } = await world(t);
  const many = Array.from({ length: 900 }, (_, n) => `p${n}`);
  const done = async (since: number, people: readonly string[] = ['ana', ...many, 'bo']) =>
    (await store.read((db) => witness.doneSince(db, 'ci', people, since)))
      .map(({ kind, person, role, rules }) => `${kind} ${person} ${role} ${rules.join()}`)
      .sort();
  const body = { controller: 'ci', role: 'item:pay', reasons: [{ rule: 'r1' }, { rule: 'r2' }] };
  await tell('grant.added', user('ana'), { ...body, role: 'item:before' });
  const since = await store.read((db) => db.selectFrom('ledger').select('id').executeTakeFirstOrThrow());
  await tell('role.created', controller('ci'), body);
  await tell('grant.added', user('ana'), body);
  await tell('grant.added', user('p899'), { controller: 'ci', role: 'item:pay' });
  await tell('grant.added', user('bo'), body);
  await tell('grant.added', user('cleo'), body);
  await tell('grant.added', user('ana'), { ...body, controller: 'cd' });
  await tell('role.created', controller('cd'), { ...body, controller: 'cd' });
  await tell('leaver.complete', user('ana'), { controller: 'ci' });
  await tell('grant.added', group('ana'), body);
  await forge('grant.added', user('ana'), { ...body, role: 'item:forged' });
  await forge('role.created', controller('ci'), { ...body, role: 'item:forged' });
  const expected = [
    'grant.added ana item:pay r1,r2',
    'grant.added bo item:pay r1,r2',
    'grant.added p899 item:pay ',
    'role.created undefined item:pay r1,r2',
  ];
  assert.deepEqual(await done(since.id), expected);
  assert.deepEqual(await done(0), ['grant.added ana item:before r1,r2', ...expected]);
  assert.deepEqual(await done(since.id, []), ['role.created undefined item:pay r1,r2']);
});

test('a row whose body is no object, or has no lists, hinders nobody', async (t) => {
  const { store, witness, tell, forge } = await world(t);
  const bodies = [null, 5, 'text', [], true, { added: 5, removed: 'abc' }, { added: null, removed: [7, null] }];
  await tell('scim.group.members', group('g'), { added: ['ana'], removed: [] });
  await tell('role.created', controller('ci'), { controller: 'ci', role: 'item:pay' });
  await tell('plan.released', controller('ci'), { keys: ['k'] });
  for (const body of bodies as Body[]) {
    await forge('scim.group.members', group('g'), body);
    await forge('scim.group.renamed', group('g'), body);
    await forge('role.created', controller('ci'), body);
    await forge('grant.added', user('ana'), body);
    await forge('plan.released', controller('ci'), body);
    await forge('scim.user.created', user('ana'), body);
  }
  const told = await store.read(async (db) => ({
    members: [...(await witness.members(db, 'g', breathe))],
    names: [...(await witness.group(db, 'g')).names],
    done: (await witness.doneSince(db, 'ci', ['ana'], 0)).map(({ role }) => role),
    released: (await witness.releases(db, 'ci')).map(({ keys }) => keys),
    person: await witness.person(db, { id: 'ana', user_name: 'ana', external_id: null, email: null, active: 1 }),
  }));
  assert.deepEqual(told, { members: ['ana'], names: [], done: ['item:pay'], released: [['k']], person: false });
});

test('who somebody is is not told by a record, nor by values, that somebody else wrote', async (t) => {
  const { store, witness, forge, random } = await world(t);
  const keys = parseKeyFile(newKeyFile(random.bytes));
  const ours = createLedger({ store, clock: new SimulatedTime(), random, keys });
  const row = { id: 'u', user_name: 'ana', external_id: null, email: null, active: 1 };
  const known = (user_name: string) => store.read((db) => ours.witness.person(db, { ...row, user_name }));
  await store.write((tx) =>
    ours.record(tx, {
      ...{ kind: 'scim.user.created', subject: user('u'), body: { active: true } },
      personal: { userName: 'ana' },
    }),
  );
  assert.equal(await known('ana'), true);
  assert.equal(await store.read((db) => witness.person(db, row)), false, 'by other keys');
  await forge('scim.user.changed', user('u'), { attributes: ['userName'] });
  const forged = await store.read((db) =>
    db.selectFrom('ledger').select('uid').orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow(),
  );
  await store.write(({ db }) =>
    db.insertInto('ledger_personal').values({ uid: forged.uid, salt: '', content: '{"userName":"mallory"}' }).execute(),
  );
  assert.deepEqual([await known('mallory'), await known('ana')], [false, true]);
});

test('the last record of a kind about something is the last of ours, however many others wrote since', async (t) => {
  const { store, witness, record, tell, forge } = await world(t);
  const last = () => store.read((db) => witness.last(db, user('u'), 'k'));
  assert.equal(await last(), undefined);
  const personal = { userName: 'ana' };
  await store.write((tx) => record(tx, { kind: 'k', subject: user('u'), body: { n: 1 }, personal }));
  await tell('other', user('u'), { n: 2 });
  await tell('k', user('v'), { n: 3 });
  await tell('k', group('u'), { n: 4 });
  for (let n = 0; n < 60; n++) await forge('k', user('u'), { n: 5 });
  assert.deepEqual(await last(), { body: { n: 1 }, personal });
  const stolen = JSON.stringify({ userName: 'eve' });
  await store.write(({ db }) => db.updateTable('ledger_personal').set({ content: stolen }).execute());
  assert.deepEqual(await last(), { body: { n: 1 }, personal: {} }, 'values that are others are none');
  await store.write(({ db }) => db.deleteFrom('ledger_personal').execute());
  assert.deepEqual(await last(), { body: { n: 1 }, personal: {} });
});

test('all that operators said no to on a controller is told, the last first, and nothing that somebody else wrote', async (t) => {
  const { store, witness, tell, tellAll, forge } = await world(t);
  await tellAll(
    'plan.rejected',
    controller('ci'),
    Array.from({ length: 60 }, (_, n) => ({ digest: `d${n}`, people: n })),
  );
  await tell('plan.rejected', controller('ci'), { digest: 'last', keys: ['k'], named: ['ana'], people: 1 });
  await tell('plan.rejected', controller('cd'), { digest: 'cd' });
  await tell('plan.released', controller('ci'), { digest: 'released' });
  await forge('plan.rejected', controller('ci'), { digest: 'forged' });
  const told = (await store.read((db) => witness.rejections(db, 'ci', breathe))).map(({ id: _, ...one }) => one);
  const before = Array.from({ length: 60 }, (_, n) => ({ digest: `d${n}`, named: [], people: n })).toReversed();
  assert.deepEqual(told, [{ digest: 'last', keys: ['k'], named: ['ana'], people: 1 }, ...before]);
});

test('of a group that was deleted those are in it who were then, by records of ours', async (t) => {
  const { store, witness, tell, forge } = await world(t);
  const inside = async () => [...(await store.read((db) => witness.lastMembers(db, 'g', breathe)))].sort();
  await tell('scim.group.members', group('g'), { added: ['ana', 'bo', 'cy'], removed: [] });
  await tell('scim.group.members', group('g'), { added: [], removed: ['cy'] });
  await forge('scim.group.deleted', group('g'), {});
  await tell('scim.group.members', group('g'), { added: [], removed: ['bo'] });
  assert.deepEqual(await inside(), ['ana'], 'nobody but us deletes it');
  await tell('scim.group.deleted', group('g'), {});
  await tell('scim.group.members', group('g'), { added: [], removed: ['ana'] });
  assert.deepEqual(await inside(), ['ana'], 'who was in it when it was deleted');
});

test('who an operator said leaves does so until they are back, it is taken back, or all is done there', async (t) => {
  const { store, witness, tell, forge } = await world(t);
  const declared = (name?: string) => store.read((db) => witness.declared(db, 'u', name));
  assert.equal(await declared('ci'), false);
  await forge('leaver.declared', user('u'), {});
  assert.equal(await declared('ci'), false, 'not by what somebody else wrote');
  await tell('leaver.declared', user('u'), {});
  await forge('leaver.lifted', user('u'), {});
  await forge('scim.user.reactivated', user('u'), {});
  assert.equal(await declared('ci'), true, 'nor taken back by it');
  await tell('leaver.complete', user('u'), { controller: 'cd' });
  assert.deepEqual([await declared('ci'), await declared('cd'), await declared()], [true, false, true]);
  for (const kind of ['leaver.lifted', 'scim.user.reactivated']) {
    await tell('leaver.declared', user('u'), {});
    await tell(kind, user('u'), {});
    assert.equal(await declared('ci'), false, kind);
  }
});

test('a connection was let go on by the last record of ours that names it', async (t) => {
  const { store, witness, record, random } = await world(t);
  const newest = () => store.read((db) => db.selectFrom('ledger').select('id').orderBy('id', 'desc').execute());
  const tell = (connections: readonly string[]) =>
    store.write((tx) => record(tx, { kind: 'sync.resumed', body: { connections } }));
  await tell(['okta', 'entra']);
  const ours = (await newest())[0]!.id;
  await tell(['entra']);
  const forged = { uid: random.id(), at: '2026-11-24T08:00:00.000Z', kind: 'sync.resumed', digests: '{}', proof: '0' };
  const body = JSON.stringify({ connections: ['okta'] });
  await store.write(({ db }) =>
    db
      .insertInto('ledger')
      .values({ ...forged, body })
      .execute(),
  );
  const resumed = (connection: string) => store.read((db) => witness.resumed(db, connection));
  assert.deepEqual([await resumed('okta'), await resumed('other')], [ours, 0]);
});
