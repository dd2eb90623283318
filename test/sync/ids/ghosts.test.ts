import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PersonState } from '../../../src/access/ports/controller.ts';
import type { Principal } from '../../../src/access/principal.ts';
import type { ClaimsTable, EntriesTable } from '../../../src/store/tables/sync.ts';
import { ghostsOf } from '../../../src/sync/ids/ghosts.ts';
import { openTestStore } from '../../store/open.ts';

const AT = '2026-11-01T00:00:00.000Z';
const CONFIG = {
  name: 'ci',
  user: 'svc',
  protect: { users: ['guard*'], groups: [], roles: [] },
  breakGlass: ['admin'],
};

interface There {
  /** Entries of the global role `readers`. */
  readonly entries?: readonly Principal[];
  /** What people can act with, by id as Jenkins spells it. */
  readonly states?: Readonly<Record<string, Partial<PersonState>>>;
  /** People of the directory: whether they are active. */
  readonly people?: Readonly<Record<string, boolean>>;
  /** Whom an operator said to leave. */
  readonly ordered?: readonly string[];
  readonly claims?: readonly (Pick<ClaimsTable, 'folded_id' | 'person' | 'state'> & { readonly controller?: string })[];
  /** Entries that are stored: by SID, whether a rule asks for them. */
  readonly stored?: Readonly<Record<string, Pick<EntriesTable, 'desired'> & { readonly controller?: string }>>;
}

const user = (id: string): Principal => ({ type: 'user', id });
const TOKEN = { uuid: 'u', name: 'n', legacy: false };

async function ghosts(
  t: TestContext,
  { entries = [], states = {}, people = {}, ordered = [], claims = [], stored = {} }: There,
) {
  const store = await openTestStore(t);
  await store.write(async ({ db }) => {
    for (const [id, active] of Object.entries(people))
      await db
        .insertInto('users')
        .values({
          ...{ id, connection: 'okta', user_name: id, user_name_key: id, external_id: null, display_name: null },
          ...{ email: null, active: active ? 1 : 0, document: '{}', created_at: AT, modified_at: AT, version: 1 },
        })
        .execute();
    for (const person of ordered) await db.insertInto('ordered_leavers').values({ person, at: AT }).execute();
    for (const claim of claims)
      await db
        .insertInto('claims')
        .values({ controller: 'ci', id: claim.folded_id, connection: 'okta', since: AT, ...claim })
        .execute();
    for (const [sid, entry] of Object.entries(stored))
      await db
        .insertInto('entries')
        .values({
          ...{ controller: 'ci', role_type: 'global', role_name: 'readers', entry_type: 'user', sid },
          ...{ standing: 'owned', person: null, reasons: '[]', since: AT, verified: 1, ...entry },
        })
        .execute();
  });
  const controller = {
    probe: async () => ({ userIds: 'case-insensitive', groupIds: 'case-insensitive' }),
    observe: async () => ({ roles: [{ type: 'global', name: 'readers', pattern: '', permissions: [], entries }] }),
    inventory: async () =>
      Object.entries(states).map(([record, state]) => ({
        ...{ id: record.toLowerCase(), record, tokens: [], sshKeys: 0, sshSessions: 0, ...state },
      })),
  };
  const found = await ghostsOf({ store } as never, CONFIG as never, controller as never);
  return found.map(
    ({ controller: name, id, grants, tokens, sshKeys, sessions, why }) =>
      `${name} ${id} ${grants.join('+') || '-'} ${tokens}/${sshKeys}/${sessions}: ${why}`,
  );
}

const NOBODY = 'nobody in the directory has this id';
const UNREASONED = 'no rule gives these grants';

test('an entry that no rule asks for is a ghost, whoever has it; one that a rule asks for is none', async (t) => {
  const claims = ['ana', 'bo'].map((id) => ({ folded_id: id, person: id, state: 'current' as const }));
  const known = { people: { ana: true, bo: true }, claims };
  const entries = ['Ana', 'bo', 'zoe'].map(user);
  const stored = { Ana: { desired: 1 }, bo: { desired: 0 }, zoe: { desired: 1, controller: 'other' } } as const;
  assert.deepEqual(await ghosts(t, { ...known, entries, stored }), [
    `ci bo global:readers 0/0/0: ${UNREASONED}`,
    `ci zoe global:readers 0/0/0: ${NOBODY}`,
  ]);
});

test('an entry without a kind counts and says so, as the id is spelled there; groups and special names are nobody', async (t) => {
  const either = (id: string): Principal => ({ type: 'either', id });
  const group: Principal = { type: 'group', id: 'zoe' };
  const entries = [
    either('Zoe'),
    user('zoe'),
    group,
    either('authenticated'),
    user('Anonymous'),
    either('role_everyone'),
  ];
  assert.deepEqual(await ghosts(t, { entries }), [`ci Zoe global:readers (either)+global:readers 0/0/0: ${NOBODY}`]);
  assert.deepEqual(await ghosts(t, { entries: [user('zoe')], states: { ZOE: {} } }), [
    `ci ZOE global:readers 0/0/0: ${NOBODY}`,
  ]);
});

test('whose record cannot be read is a ghost that says so, unless the directory knows them', async (t) => {
  const states = { zoe: { error: 'X: broken' }, ana: { error: 'X: broken' }, svc: { error: 'X: broken' } };
  const claims = [{ folded_id: 'ana', person: 'ana', state: 'current' as const }];
  assert.deepEqual(await ghosts(t, { states, claims, people: { ana: true } }), [
    `ci zoe - 0/0/0: ${NOBODY}; the record cannot be read: X: broken`,
  ]);
});

test('a token, a key or an open session makes a ghost of whom the directory does not know; a record alone does not', async (t) => {
  const states = {
    ...{ a: { tokens: [TOKEN, TOKEN] }, b: { sshKeys: 1 }, c: { sshSessions: 1 }, d: {} },
    ...{ svc: { tokens: [TOKEN] }, admin: { sshKeys: 1 }, guardian: { sshSessions: 1 } },
  };
  assert.deepEqual(await ghosts(t, { states }), [
    `ci a - 2/0/0: ${NOBODY}`,
    `ci b - 0/1/0: ${NOBODY}`,
    `ci c - 0/0/1: ${NOBODY}`,
  ]);
});

test('tokens of somebody active are theirs; of who left, or is called otherwise by now, they are not', async (t) => {
  const states = { ana: { tokens: [TOKEN] }, bo: { tokens: [TOKEN] }, cy: { tokens: [TOKEN] }, eve: { sshKeys: 2 } };
  const people = { ana: true, bo: false, cy: true, eve: false };
  const claims = [
    { folded_id: 'ana', person: 'ana', state: 'current' as const },
    // Nobody has looked at that yet.
    { folded_id: 'bo', person: 'bo', state: 'current' as const },
    { folded_id: 'cy', person: 'cy', state: 'leaving' as const },
    { folded_id: 'cyn', person: 'cy', state: 'current' as const },
    { folded_id: 'eve', person: 'eve', state: 'leaving' as const },
    { folded_id: 'eva', person: 'eve', state: 'current' as const },
    { folded_id: 'eve', person: 'ana', state: 'current' as const, controller: 'other' },
  ];
  assert.deepEqual(await ghosts(t, { states, people, claims }), [
    'ci bo - 1/0/0: the person left',
    'ci cy - 1/0/0: the person has another id now',
    'ci eve - 0/2/0: the person left',
  ]);
});

test('whom an operator said to leave has left, also before anybody looked at that, at an id of before, too', async (t) => {
  const states = { ana: { tokens: [TOKEN] }, bo: { sshKeys: 1 } };
  const claims = [
    { folded_id: 'ana', person: 'ana', state: 'current' as const },
    { folded_id: 'bo', person: 'bo', state: 'leaving' as const },
    { folded_id: 'bob', person: 'bo', state: 'current' as const },
  ];
  const world = { states, people: { ana: true, bo: true }, ordered: ['ana', 'bo'], claims };
  assert.deepEqual(await ghosts(t, world), ['ci ana - 1/0/0: the person left', 'ci bo - 0/1/0: the person left']);
});

test('accounts whose ids are one here, and may be two to Jenkins, are told of each by itself, the entry once', async (t) => {
  const states = { bıll: { tokens: [TOKEN] }, bill: { sshKeys: 2 }, Bob: {} };
  assert.deepEqual(await ghosts(t, { entries: [user('Bill')], states }), [
    `ci bill - 0/2/0: ${NOBODY}`,
    `ci bıll global:readers 1/0/0: ${NOBODY}`,
  ]);
});
