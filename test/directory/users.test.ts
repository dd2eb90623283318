import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { refuse } from '../../src/errors.ts';
import type { Attributes } from '../../src/scim/resource.ts';
import { seededRandom } from '../sim/time.ts';
import { contents } from '../store/contents.ts';
import { openTestStore } from '../store/open.ts';
import { ENTRA, OKTA, openBench, tickingClock } from './open.ts';
import { replaceUser } from './replace.ts';

const kinds = (events: readonly { readonly kind: string }[]): string[] => events.map((event) => event.kind);
const set = (more: Attributes) => (current: Attributes) => ({ ...current, ...more });

test('a new person has an id of ours, version 1 and what was sent', async (t) => {
  const { directory } = await openBench(t);
  const attributes = { userName: 'ana', active: true, name: { givenName: 'Ana' }, externalId: 'x1' };
  const made = await directory.createUser(OKTA, { ...attributes, id: 'mine', meta: { version: 'W/"9"' } });
  assert.notEqual(made.id, 'mine');
  assert.equal(made.version, 1);
  assert.equal(made.createdAt, made.modifiedAt);
  assert.deepEqual(made.attributes, attributes);
  assert.deepEqual({ ...(await directory.user('okta', made.id, false)) }, { ...made });
});

test('a password is stored nowhere', async (t) => {
  const { directory, store, events } = await openBench(t);
  const { id } = await directory.createUser(OKTA, { userName: 'ana', password: 'canary-Tr0ub4dor' });
  await directory.changeUser(OKTA, id, set({ password: 'canary-Tr0ub4dor', title: 'x' }));
  for (const [name, content] of await contents(store)) assert.equal(content.includes('canary-Tr0ub4dor'), false, name);
  assert.doesNotMatch(JSON.stringify(events), /canary/);
});

test('a change of nothing but the password is no change', async (t) => {
  const { directory, user } = await openBench(t);
  const id = await user('ana');
  assert.equal((await directory.changeUser(OKTA, id, set({ password: 'secret' }))).changed, false);
});

test('userName is unique in a connection, whatever its spelling', async (t) => {
  const { directory, user } = await openBench(t);
  await user('Kelvin@corp.test');
  for (const userName of ['kelvin@corp.test', 'KELVIN@CORP.TEST', '\u212aelvin@corp.test', '\uff4belvin@corp.test'])
    await assert.rejects(directory.createUser(OKTA, { userName }), { code: 'SCIM_UNIQUENESS', status: 409 }, userName);
  await directory.createUser(ENTRA, { userName: 'kelvin@corp.test' });
});

test('a person may change the spelling of the own name, not take the name of another', async (t) => {
  const { directory, user } = await openBench(t);
  const ana = await user('ana');
  await user('bob');
  const renamed = await directory.changeUser(OKTA, ana, set({ userName: 'ANA' }));
  assert.equal(renamed.resource.attributes.userName, 'ANA');
  await assert.rejects(directory.changeUser(OKTA, ana, set({ userName: 'Bob' })), { code: 'SCIM_UNIQUENESS' });
  assert.equal((await directory.user('okta', ana, false)).attributes.userName, 'ANA');
});

test('of many who ask for one name at once exactly one gets it', async (t) => {
  const { directory, store } = await openBench(t);
  const asked = Array.from({ length: 40 }, (_, i) => directory.createUser(OKTA, { userName: i % 2 ? 'ana' : 'ANA' }));
  const outcomes = await Promise.allSettled(asked);
  assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
  assert.equal((await store.status()).users, 1);
});

test('a change that is answered with groups reads them in its own transaction, and the person once', async (t) => {
  const bench = await openBench(t);
  const id = await bench.user('ana', { title: 'x' });
  const group = await bench.group('ci', [id]);
  await bench.forget();
  const { resource } = await bench.directory.changeUser(OKTA, id, set({ title: 'y' }), undefined, true);
  assert.deepEqual(resource.groups, [{ value: group, display: 'ci', type: 'direct' }]);
  const read = bench.statements().filter((sql) => /^\s*(with|select)/i.test(sql));
  assert.equal(read.filter((sql) => /from "users"/i.test(sql)).length, 1);
  const same = await bench.directory.changeUser(OKTA, id, set({ title: 'y' }), undefined, true);
  assert.deepEqual([same.changed, same.resource.groups], [false, resource.groups]);
  assert.equal((await bench.directory.changeUser(OKTA, id, set({ title: 'z' }))).resource.groups, undefined);
});

test('a change that leaves names and addresses as they are does not write into their indexes', async (t) => {
  const bench = await openBench(t);
  const id = await bench.user('ana', { externalId: 'x1', emails: [{ value: 'a@x.test' }] });
  const updated = async (more: Attributes): Promise<string> => {
    await bench.forget();
    await bench.directory.changeUser(OKTA, id, set(more));
    return bench.statements().find((sql) => /^update "users"/i.test(sql))!;
  };
  assert.doesNotMatch(await updated({ active: false }), /"user_name_key"|"external_id"|"email"/);
  for (const more of [{ userName: 'anna' }, { externalId: 'x2' }, { emails: [{ value: 'b@x.test' }] }])
    assert.match(await updated(more), /"user_name_key".*"external_id".*"email"/);
  const { attributes } = await bench.directory.user('okta', id, false);
  assert.deepEqual(attributes, { userName: 'anna', externalId: 'x2', emails: [{ value: 'b@x.test' }], active: false });
});

test('a change raises version and lastModified, marks, records and wakes once', async (t) => {
  const bench = await openBench(t);
  const id = await bench.user('ana', { title: 'x' });
  await bench.forget();
  const before = bench.woken();
  const { resource, changed } = await bench.directory.changeUser(OKTA, id, set({ title: 'y' }));
  assert.ok(changed);
  assert.equal(resource.version, 2);
  assert.ok(resource.modifiedAt > resource.createdAt);
  assert.deepEqual(await bench.marks(), [`user ${id}`]);
  assert.equal(bench.woken(), before + 1);
  assert.deepEqual(bench.events, [
    {
      kind: 'scim.user.changed',
      body: { connection: 'okta', attributes: ['title'] },
      personal: { userName: 'ana' },
      request: 'request-1',
      actor: 'token-1',
      subject: { kind: 'user', id },
    },
  ]);
});

test('what is already so makes no version, no mark, no record, no journal row and wakes nobody', async (t) => {
  const bench = await openBench(t);
  const id = await bench.user('ana', { name: { givenName: 'A', familyName: 'B' } });
  await bench.forget();
  const woken = bench.woken();
  const journal = await bench.store.read((db) => db.selectFrom('journal').selectAll().execute());
  const same = { active: true, name: { familyName: 'B', givenName: 'A' }, userName: 'ana' };
  const { resource, changed } = await replaceUser(bench.directory, OKTA, id, same);
  assert.equal(changed, false);
  assert.equal(resource.version, 1);
  assert.deepEqual(await bench.marks(), []);
  assert.deepEqual(bench.events, []);
  assert.equal(bench.woken(), woken);
  assert.deepEqual(await bench.store.read((db) => db.selectFrom('journal').selectAll().execute()), journal);
});

test('deactivation and reactivation are records of their own', async (t) => {
  const { directory, user, events } = await openBench(t);
  const id = await user('ana');
  await directory.changeUser(OKTA, id, set({ active: false, title: 'x' }));
  await directory.changeUser(OKTA, id, set({ active: true }));
  await directory.deleteUser(OKTA, id);
  assert.deepEqual(kinds(events), [
    'scim.user.created',
    'scim.user.deactivated',
    'scim.user.reactivated',
    'scim.user.deleted',
  ]);
});

test('values of a person are in the erasable part of a record only', async (t) => {
  const { directory, store, events } = await openBench(t);
  const mail = (value: string) => [{ value, primary: true }];
  const { id } = await directory.createUser(OKTA, {
    userName: 'ana-canary',
    externalId: 'x-canary',
    emails: mail('a@canary'),
  });
  await directory.changeUser(OKTA, id, () => ({
    userName: 'new-canary',
    externalId: 'y-canary',
    emails: mail('b@canary'),
  }));
  await directory.deleteUser(OKTA, id);
  for (const { personal: _, ...rest } of events) assert.doesNotMatch(JSON.stringify(rest), /canary/);
  assert.deepEqual(events[1]?.personal, {
    userName: 'new-canary',
    externalId: 'y-canary',
    email: 'b@canary',
    previousUserName: 'ana-canary',
    previousExternalId: 'x-canary',
    previousEmail: 'a@canary',
  });
  const journal = await store.read((db) => db.selectFrom('journal').selectAll().execute());
  assert.equal(journal.length, 3);
  assert.doesNotMatch(JSON.stringify(journal), /canary/);
});

test('a version that is not the current one is refused and nothing changes', async (t) => {
  const { directory, user } = await openBench(t);
  const id = await user('ana');
  await directory.changeUser(OKTA, id, set({ title: 'x' }), { match: ['2', '1'] });
  const stale = { code: 'SCIM_VERSION', status: 412 };
  await assert.rejects(directory.changeUser(OKTA, id, set({ title: 'y' }), { match: ['1'] }), stale);
  await assert.rejects(replaceUser(directory, OKTA, id, { userName: 'z' }, { match: [] }), stale);
  await assert.rejects(directory.deleteUser(OKTA, id, { match: ['3'] }), stale);
  assert.equal((await directory.user('okta', id, false)).attributes.title, 'x');
  await directory.deleteUser(OKTA, id, { match: ['*'] });
});

test('a change that throws changes nothing and cannot spoil what is stored', async (t) => {
  const bench = await openBench(t);
  const id = await bench.user('ana', { name: { givenName: 'A' } });
  await bench.forget();
  const change = bench.directory.changeUser(OKTA, id, (current) => {
    (current.name as Attributes).givenName = 'spoilt';
    throw refuse('SCIM_NO_TARGET', { reason: 'no' });
  });
  await assert.rejects(change, { code: 'SCIM_NO_TARGET' });
  assert.deepEqual((await bench.directory.user('okta', id, false)).attributes.name, { givenName: 'A' });
  assert.deepEqual(await bench.marks(), []);
});

test('a change that works on the given attributes in place is seen', async (t) => {
  const { directory, user } = await openBench(t);
  const id = await user('ana', { name: { givenName: 'A' } });
  const { changed } = await directory.changeUser(OKTA, id, (current) => {
    (current.name as Attributes).givenName = 'B';
    return current;
  });
  assert.ok(changed);
});

test('ids of another connection do not exist', async (t) => {
  const { directory, user } = await openBench(t);
  const id = await user('ana');
  const absent = { code: 'SCIM_NOT_FOUND', status: 404 };
  await assert.rejects(directory.user('entra', id, true), absent);
  await assert.rejects(directory.changeUser(ENTRA, id, set({ title: 'x' })), absent);
  await assert.rejects(replaceUser(directory, ENTRA, id, { userName: 'x' }), absent);
  await assert.rejects(directory.deleteUser(ENTRA, id), absent);
  const page = await directory.users('entra', { sortOrder: 'ascending', startIndex: 1, count: 10, related: true });
  assert.deepEqual(page, { total: 0, resources: [] });
  const foreign = await directory.user('entra', id, false).catch((error: Error) => error.message);
  const unknown = await directory.user('entra', id.replace(/.$/, 'z'), false).catch((error: Error) => error.message);
  assert.equal(String(foreign).replace(id, ''), String(unknown).replace(id.replace(/.$/, 'z'), ''));
});

test('a connection without a name owns nothing', async (t) => {
  const { directory, user } = await openBench(t);
  const id = await user('ana');
  for (const nobody of ['', null, undefined] as unknown as string[])
    await assert.rejects(directory.user(nobody, id, false));
});

test('a deleted person leaves a tombstone with all keys, and the name is free', async (t) => {
  const bench = await openBench(t);
  const id = await bench.user('Ana', {
    externalId: 'x1',
    emails: [{ value: 'first@x' }, { value: 'main@x', primary: true }],
  });
  await bench.directory.deleteUser(ENTRA_LIKE_OKTA, id);
  const [tombstone] = await bench.store.read((db) => db.selectFrom('tombstones').selectAll().execute());
  assert.deepEqual(
    { ...tombstone, deleted_at: '' },
    {
      id,
      kind: 'user',
      connection: 'okta',
      name: 'Ana',
      name_key: 'ana',
      external_id: 'x1',
      email: 'main@x',
      deleted_at: '',
      request: 'request-9',
      credential: 'token-9',
    },
  );
  await assert.rejects(bench.directory.user('okta', id, false), { code: 'SCIM_NOT_FOUND' });
  await assert.rejects(bench.directory.deleteUser(OKTA, id), { code: 'SCIM_NOT_FOUND' });
  assert.notEqual(await bench.user('ana'), id);
});

const ENTRA_LIKE_OKTA = { connection: 'okta', credential: 'token-9', request: 'request-9' };

test('a deleted person is in no group any more, and those groups have a new version', async (t) => {
  const { directory, user, group, events, store } = await openBench(t);
  const [ana, bob] = [await user('ana'), await user('bob')];
  const ops = await group('ops', [ana, bob]);
  await directory.deleteUser(OKTA, ana);
  const after = await directory.group('okta', ops, true);
  assert.deepEqual(
    after.members?.map((member) => member.value),
    [bob],
  );
  assert.equal(after.version, 2);
  assert.deepEqual(events.at(-1)?.body, { connection: 'okta', active: true, groups: [ops] });
  assert.equal((await store.status()).members, 1);
});

test('groups of a person are direct or through nested groups, and direct where both', async (t) => {
  const { directory, user, group } = await openBench(t);
  const ana = await user('ana');
  const inner = await group('inner', [ana]);
  const middle = await group('middle', [inner, ana]);
  const outer = await group('outer', [middle]);
  await directory.changeGroup(OKTA, inner, [{ op: 'add-members', members: [{ value: outer }] }]);
  assert.deepEqual((await directory.user('okta', ana, true)).groups, [
    { value: inner, display: 'inner', type: 'direct' },
    { value: middle, display: 'middle', type: 'direct' },
    { value: outer, display: 'outer', type: 'indirect' },
  ]);
  assert.equal((await directory.user('okta', ana, false)).groups, undefined);
});

test('a record that cannot be written undoes the change it tells of', async (t) => {
  const store = await openTestStore(t);
  let woken = 0;
  const directory = createDirectory({
    store,
    clock: tickingClock(),
    random: seededRandom(),
    recorder: { record: () => Promise.reject(new Error('no ledger')) },
    wake: () => {
      woken += 1;
    },
  });
  await assert.rejects(directory.createUser(OKTA, { userName: 'ana' }), /no ledger/);
  assert.equal((await store.status()).users, 0);
  assert.equal(woken, 0);
});

test('a connection has no more users than its quota, others are not concerned, deletions make room', async (t) => {
  const { directory, user } = await openBench(t, { users: 2 });
  const ana = await user('ana');
  await user('bob');
  await assert.rejects(user('eve'), { code: 'SCIM_QUOTA', status: 403 });
  await user('eve', {}, ENTRA);
  await directory.deleteUser(OKTA, ana);
  await user('eve');
});

test('e-mails and roles that are looked up by follow every change of that person, and of nobody else', async (t) => {
  const { directory, user, store } = await openBench(t);
  const of = (name: string): Attributes => ({
    emails: [{ value: `${name}@corp.test`, primary: true }, { value: `${name}@home.test` }],
    roles: [{ value: `role-${name}` }],
  });
  const bob = await user('bob', of('bob'));
  const ana = await user('ana', of('ana'));
  const stored = async (id: string): Promise<string[]> => {
    const [emails, roles] = await store.read(async (db) => [
      await db.selectFrom('user_emails').select('value').where('user_id', '=', id).execute(),
      await db.selectFrom('user_roles').select('value').where('user_id', '=', id).execute(),
    ]);
    return [...emails!, ...roles!].map(({ value }) => value).sort();
  };
  const before = await stored(bob);
  assert.deepEqual(before, ['bob@corp.test', 'bob@home.test', 'role-bob']);
  const replace = (more: Attributes) => replaceUser(directory, OKTA, ana, { userName: 'ana', active: true, ...more });
  await replace({ ...of('ana'), emails: [{ value: 'new@corp.test' }] });
  assert.deepEqual(await stored(ana), ['new@corp.test', 'role-ana']);
  await replace({ emails: [{ value: 'new@corp.test' }], roles: [{ value: 'r1' }, { value: 'r2' }] });
  assert.deepEqual(await stored(ana), ['new@corp.test', 'r1', 'r2']);
  await replace({});
  assert.deepEqual(await stored(ana), []);
  assert.deepEqual(await stored(bob), before);
});
