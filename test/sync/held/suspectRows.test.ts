import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { suspectsOf } from '../../../src/sync/held/suspects.ts';
import { openTestStore } from '../../store/open.ts';

// What is stored of a compromised credential's deeds, and who is suspected of gaining by them.

const [BEFORE, SINCE, BETWEEN, MARKED] = [8, 9, 10, 11].map((hour) =>
  new Date(Date.UTC(2026, 10, 28, hour)).toISOString(),
);
const LATER = new Date(Date.UTC(2026, 10, 28, 12)).toISOString();
const PLAIN = [{ rule: 'plain' }];
const EXCEPTING = [{ rule: 'excepting' }];

async function world(t: TestContext, marked: readonly string[] = ['stolen']) {
  const store = await openTestStore(t);
  for (const credential of marked)
    await store.write(({ db }) =>
      db.insertInto('compromised').values({ credential, since: SINCE!, marked_at: MARKED! }).execute(),
    );
  const suspects = () => store.read((db) => suspectsOf(db, new Set(['excepting'])));
  return {
    suspects,
    /** `group < member`, by whom, when. */
    edge: (group: string, member: string, credential = 'good', since = BETWEEN!) =>
      store.write(async ({ db }) => {
        const row = { id: group, connection: 'okta', display_name: group, display_name_key: group, external_id: null };
        await db
          .insertInto('groups')
          .values({ ...row, document: '{}', created_at: BEFORE!, modified_at: BEFORE!, version: 1, member_count: 0 })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        const kind = member.startsWith('g') ? 'Group' : 'User';
        await db
          .insertInto('members')
          .values({ group_id: group, member_id: member, kind, since, request: 'r', credential })
          .execute();
      }),
    did: (kind: string, subject: string, credential = 'stolen', at = BETWEEN!) =>
      store.write(({ db }) =>
        db
          .insertInto('journal')
          .values({ at, connection: 'okta', request: 'r', credential, kind, subject, detail: '{}' })
          .execute(),
      ),
    record: (
      group: string,
      removed: readonly string[],
      actor = 'stolen',
      at = BETWEEN!,
      kind = 'scim.group.members',
      added: readonly string[] = [],
    ) =>
      store.write(({ db }) =>
        db
          .insertInto('ledger')
          .values({
            ...{
              uid: `${group}${removed}${actor}${at}${kind}${added}`,
              at,
              kind,
              request: 'r',
              actor,
              subject_kind: 'group',
            },
            ...{ subject_id: group, body: JSON.stringify({ added, removed }), digests: '{}', proof: '' },
            ...{ seq: null, previous: null, hash: null, mac: null },
          })
          .execute(),
      ),
    /** Of these people, who is suspected by a rule. */
    async among(people: readonly string[], reasons = PLAIN): Promise<string[]> {
      const { gain } = await suspects();
      return people.filter((person) => gain(person, reasons));
    },
  };
}

test('suspected is whom it put into a group from that moment on, itself or by way of a group in a group', async (t) => {
  const { edge, among } = await world(t);
  await edge('g1', 'ana', 'stolen', BEFORE);
  await edge('g1', 'bo', 'stolen', SINCE);
  await edge('g1', 'cy', 'good');
  await edge('g2', 'g3', 'stolen');
  await edge('g3', 'dan');
  await edge('g3', 'g4');
  await edge('g4', 'eve');
  await edge('g4', 'g3');
  await edge('g5', 'g6');
  await edge('g6', 'fay');
  assert.deepEqual(await among(['ana', 'bo', 'cy', 'dan', 'eve', 'fay']), ['bo', 'dan', 'eve']);
});

test('groups in groups are followed as deep as they go, and are as many as they are', async (t) => {
  const { edge, among } = await world(t);
  await edge('g', 'g-0', 'stolen');
  for (let depth = 0; depth < 10; depth++) await edge(`g-${depth}`, `g-${depth + 1}`);
  await edge('g-10', 'deepest');
  for (let at = 0; at < 401; at++) await edge('g', `gm-${at}`, 'stolen');
  await edge('gm-0', 'first');
  await edge('gm-400', 'last');
  assert.deepEqual(await among(['deepest', 'first', 'last']), ['deepest', 'first', 'last']);
});

test('suspected is whom it made, changed or reactivated, and who is in a group that it made, changed or renamed', async (t) => {
  const { did, edge, among } = await world(t);
  for (const kind of ['created', 'changed', 'reactivated']) await did(`user.${kind}`, kind);
  await did('user.changed', 'early', 'stolen', BEFORE);
  await did('user.changed', 'others', 'good');
  for (const kind of ['created', 'changed', 'renamed', 'members', 'deleted']) {
    await did(`group.${kind}`, `g-${kind}`);
    await edge(`g-${kind}`, `in-${kind}`);
  }
  const people = ['created', 'changed', 'reactivated', 'early', 'others', 'g-created'];
  assert.deepEqual(await among(people), ['created', 'changed', 'reactivated']);
  const within = ['in-created', 'in-changed', 'in-renamed', 'in-members', 'in-deleted'];
  assert.deepEqual(await among(within), ['in-created', 'in-changed', 'in-renamed']);
});

test('whom it took out of a group is suspected by rules with `unless` alone, by way of a group, too', async (t) => {
  const { did, record, edge, among } = await world(t);
  await did('group.members', 'g1');
  await did('group.deleted', 'g2');
  await did('group.members', 'g3', 'good');
  await record('g1', ['ana', 'g9']);
  await edge('g9', 'bo');
  await record('g2', ['cy']);
  await record('g1', ['early'], 'stolen', BEFORE);
  await record('g1', ['others'], 'good');
  await record('g1', ['else'], 'stolen', BETWEEN, 'scim.group.deleted');
  await record('g3', ['away'], 'good');
  const people = ['ana', 'bo', 'cy', 'early', 'others', 'else', 'away'];
  assert.deepEqual(await among(people, EXCEPTING), ['ana', 'bo', 'cy']);
  assert.deepEqual(await among(people, [...PLAIN, ...EXCEPTING]), [], 'another rule gives it, too');
  assert.deepEqual(await among(people, []), []);
});

test('an issuer goes on under its name: what it does some minutes after the mark, or later, is not suspect', async (t) => {
  const { edge, did, record, among } = await world(t, ['jwt:okta', 'stolen']);
  await edge('g1', 'ana', 'jwt:okta', LATER);
  await edge('g1', 'bo', 'jwt:okta');
  await edge('g1', 'cy', 'stolen', LATER);
  await did('user.changed', 'dan', 'jwt:okta', LATER);
  await did('group.members', 'g2', 'jwt:okta');
  await record('g2', ['eve'], 'jwt:okta', LATER);
  await record('g2', ['fay'], 'jwt:okta');
  assert.deepEqual(await among(['ana', 'bo', 'cy', 'dan']), ['bo', 'cy']);
  assert.deepEqual(await among(['eve', 'fay'], EXCEPTING), ['fay']);
});

test('it gave what suspects got between that moment and a minute after the mark, of what is owned and theirs', async (t) => {
  const { edge, did, record, suspects } = await world(t);
  await edge('g1', 'ana', 'stolen');
  await did('group.members', 'g1');
  await record('g1', ['bo']);
  const { gave } = await suspects();
  const minuteAfter = new Date(Date.parse(MARKED!) + 60_000).toISOString();
  const entry = { person: 'ana', standing: 'owned' as const, since: BETWEEN!, reasons: JSON.stringify(PLAIN) };
  assert.deepEqual(
    [SINCE!, BETWEEN!, MARKED!, minuteAfter].map((since) => gave({ ...entry, since })),
    [true, true, true, true],
  );
  assert.deepEqual(
    [BEFORE!, '', new Date(Date.parse(minuteAfter) + 1).toISOString()].map((since) => gave({ ...entry, since })),
    [false, false, false],
  );
  for (const other of [{ person: 'zoe' }, { person: null }, { standing: 'matched' as const }])
    assert.equal(gave({ ...entry, ...other }), false);
  assert.equal(gave({ ...entry, person: 'bo' }), false);
  assert.equal(gave({ ...entry, person: 'bo', reasons: JSON.stringify(EXCEPTING) }), true);
});

test('it gave what somebody has by nothing but groups that are gone, into which it put them, by way of a group, too', async (t) => {
  const { edge, did, record, suspects } = await world(t);
  const put = (group: string, added: readonly string[], actor = 'stolen') =>
    record(group, [], actor, BETWEEN!, 'scim.group.members', added);
  for (const group of ['gone', 'gone too', 'there']) await did('group.members', group);
  await did('group.deleted', 'inner');
  await edge('there', 'zoe');
  await edge('g9', 'eve');
  await put('gone', ['ana', 'inner', 'g9']);
  await put('gone', ['early'], 'good');
  await put('inner', ['cy']);
  await put('gone too', ['ana']);
  await put('there', ['fay']);
  const { gave } = await suspects();
  const by = (person: string, ...groups: readonly string[]) =>
    gave({
      ...{ person, standing: 'owned', since: BETWEEN! },
      reasons: JSON.stringify(groups.map((groupId) => ({ rule: 'plain', groupId }))),
    });
  assert.deepEqual(
    [by('ana', 'gone'), by('ana', 'gone', 'gone too'), by('cy', 'gone'), by('cy', 'inner'), by('eve', 'gone')],
    [true, true, true, true, true],
  );
  assert.deepEqual(
    [by('ana'), by('ana', 'gone', 'there'), by('cy', 'gone too'), by('early', 'gone'), by('fay', 'there')],
    [false, false, false, false, false],
  );
});
