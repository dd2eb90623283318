import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PersonState } from '../../../src/access/ports/controller.ts';
import type { ClaimsTable, DebtsTable } from '../../../src/store/tables/sync.ts';
import { type Proving, reproveLeavers } from '../../../src/sync/leavers/debts.ts';
import { keepingLog, type Line } from '../../server/world.ts';
import { SimulatedTime } from '../../sim/time.ts';
import { openTestStore } from '../../store/open.ts';

const LONG_AGO = '2026-11-01T00:00:00.000Z';

/** Debts of one controller, and what is there of whom: everybody who is asked about can act again unless `gone` says not. */
async function world(t: TestContext) {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const recorded: string[] = [];
  const asked: string[] = [];
  const states = new Map<string, Partial<PersonState>>();
  const lines: Line[] = [];
  const context = {
    ...{
      store,
      clock: time,
      log: keepingLog(lines),
      config: { leaver: { tokens: 'revoke', sshKeys: 'remove', grants: 'all' } },
    },
    recorder: {
      record: async (
        _: unknown,
        event: { kind: string; body: { controller: string }; personal: { jenkinsId: string } },
      ) => void recorded.push(`${event.kind} ${event.body.controller} ${event.personal.jenkinsId}`),
    },
  };
  const controller = {
    people: async (ids: readonly string[]) => {
      asked.push(...ids);
      return ids.map((id) => ({ id, tokens: [], sshKeys: 1, sshSessions: 0, entries: [], ...states.get(id) }));
    },
  };
  const owe = (person: string, more: Partial<DebtsTable> = {}) =>
    store.write(({ db }) =>
      db
        .insertInto('debts')
        .values({
          ...{ controller: 'ci', folded_id: person, id: person, person, connection: 'okta', cause: 'leaver' },
          ...{ received_at: LONG_AGO, request: null, credential: null, state: 'done', due_ms: Date.parse(LONG_AGO) },
          ...{ started_at: LONG_AGO, done_at: LONG_AGO, steps: '["s"]', missing: '[]', residual: '[]', attempts: 1 },
          ...{ alarmed: 0, error: null, released: 0 },
          ...more,
        })
        .execute(),
    );
  const user = (id: string, active: 0 | 1) =>
    store.write(({ db }) =>
      db
        .insertInto('users')
        .values({
          ...{ id, connection: 'okta', user_name: id, user_name_key: id, external_id: null, display_name: null },
          ...{ email: null, active, document: '{}', created_at: LONG_AGO, modified_at: LONG_AGO, version: 1 },
        })
        .execute(),
    );
  const claim = (foldedId: string, person: string, controllerName = 'ci', state: ClaimsTable['state'] = 'current') =>
    store.write(({ db }) =>
      db
        .insertInto('claims')
        .values({
          controller: controllerName,
          folded_id: foldedId,
          id: foldedId,
          person,
          connection: 'okta',
          state,
          since: LONG_AGO,
        })
        .execute(),
    );
  const prove = (proving: Proving = {}) =>
    reproveLeavers(context as never, { name: 'ci', protect: { roles: [] } } as never, controller as never, proving);
  const open = async () =>
    (await store.read((db) => db.selectFrom('debts').selectAll().where('state', '=', 'open').execute()))
      .map(({ controller: at, id, steps, done_at }) => `${at} ${id} ${steps} ${done_at}`)
      .sort();
  return { store, time, recorded, asked, states, lines, owe, user, claim, prove, open };
}

test('only the debt of whoever can act again is opened again, with a record of it', async (t) => {
  const { owe, prove, open, recorded, states } = await world(t);
  await owe('back');
  await owe('back', { folded_id: 'former', id: 'former', cause: 'old-id' });
  await owe('other', { folded_id: 'back2', id: 'gone' });
  await owe('back', { controller: 'cd' });
  for (const id of ['former', 'gone']) states.set(id, { sshKeys: 0 });
  assert.equal(await prove(), 1);
  assert.deepEqual(await open(), ['ci back [] null']);
  assert.deepEqual(recorded, ['leaver.came-back ci back']);
});

test('whose record cannot be read is told of and opened by what is known; the others are looked at', async (t) => {
  const { owe, prove, open, states, lines } = await world(t);
  for (const id of ['back', 'entry', 'odd']) await owe(id);
  const error = 'java.lang.IllegalStateException: broken';
  const dev = { type: 'item' as const, role: 'dev', principal: { type: 'user' as const, id: 'entry' } };
  states.set('odd', { sshKeys: 0, error });
  states.set('entry', { sshKeys: 0, entries: [dev], error });
  assert.equal(await prove(), 2);
  assert.deepEqual(await open(), ['ci back [] null', 'ci entry [] null']);
  const told = lines.filter(({ message }) => message === 'people who left could not be looked at again');
  assert.deepEqual(
    told.map(({ fields }) => fields),
    [{ controller: 'ci', people: 2, first: 'entry', reason: error }],
  );
});

test('what is open, held or cancelled is not opened by a look at somebody, and nobody else is asked about', async (t) => {
  const { owe, prove, asked, store } = await world(t);
  await owe('ana', { folded_id: 'one', id: 'one', state: 'held' });
  await owe('ana', { folded_id: 'two', id: 'two', state: 'cancelled' });
  await owe('ana', { folded_id: 'three', id: 'three', cause: 'old-id' });
  await owe('ana', { folded_id: 'four', id: 'four', cause: 'unentitled' });
  await owe('bo');
  await owe('ana', { controller: 'cd', folded_id: 'five', id: 'five' });
  assert.equal(await prove({ person: 'ana' }), 1);
  assert.deepEqual(asked, ['three']);
  const states = await store.read((db) => db.selectFrom('debts').select(['id', 'state']).orderBy('id').execute());
  assert.deepEqual(
    states.map(({ id, state }) => `${id} ${state}`),
    ['bo done', 'five done', 'four done', 'one held', 'three open', 'two cancelled'],
  );
});

test('of those who are done since an instant only they are asked about', async (t) => {
  const { owe, prove, asked, time } = await world(t);
  const now = time.now();
  const at = (ms: number) => ({ due_ms: now + ms, done_at: new Date(now + ms).toISOString() });
  await owe('before', at(-1));
  await owe('since', at(0));
  await owe('after', at(1));
  await owe('open', { ...at(1), state: 'open' });
  await owe('put off', { ...at(1), done_at: new Date(now - 1).toISOString() });
  await prove({ since: now });
  assert.deepEqual(asked.toSorted(), ['after', 'since']);
});

test('all who are done are asked about, however many, each once', async (t) => {
  const { owe, prove, asked, states } = await world(t);
  const names = Array.from({ length: 450 }, (_, n) => `p${String(n).padStart(4, '0')}`);
  for (const name of names) {
    await owe(name);
    states.set(name, { sshKeys: 0 });
  }
  await owe('held', { state: 'held' });
  assert.equal(await prove(), 0);
  assert.deepEqual(asked, names);
});

test('who is active again is left alone but for ids that they gave up, unless an operator declared them a leaver', async (t) => {
  const { owe, user, prove, asked, store } = await world(t);
  for (const id of ['active', 'ordered']) await user(id, 1);
  await user('inactive', 0);
  for (const id of ['active', 'ordered', 'inactive', 'deleted']) await owe(id);
  await owe('active', { folded_id: 'former', id: 'former', cause: 'old-id' });
  await store.write(({ db }) => db.insertInto('ordered_leavers').values({ person: 'ordered', at: LONG_AGO }).execute());
  await prove();
  assert.deepEqual(asked.toSorted(), ['deleted', 'former', 'inactive', 'ordered']);
});

test('an id that somebody else has now is theirs: nothing is taken there', async (t) => {
  const { owe, claim, prove, asked } = await world(t);
  for (const id of ['hired', 'kept']) await owe(id);
  await claim('hired', 'somebody');
  await claim('kept', 'somebody', 'cd');
  await prove();
  assert.deepEqual(asked, ['kept']);
});

test('whose former name is theirs again is not asked about by it, nor who had an id before somebody else who left', async (t) => {
  const { owe, user, claim, prove, asked } = await world(t);
  await user('ana', 1);
  for (const id of ['former', 'again']) await owe('ana', { folded_id: id, id, cause: 'old-id' });
  await claim('again', 'ana');
  for (const person of ['first', 'second']) await owe(person, { folded_id: 'shared', id: `shared of ${person}` });
  await claim('shared', 'second', 'ci', 'leaving');
  await prove();
  assert.deepEqual(asked.toSorted(), ['former', 'shared of second']);
});

test('sessions that could not be ended are owed once seeds are there, where there is a record', async (t) => {
  const { owe, prove, states, open } = await world(t);
  const missing = '["end-sessions"]';
  for (const id of ['missed', 'nowhere']) await owe(id, { missing });
  await owe('ended');
  states.set('missed', { sshKeys: 0, record: 'missed' });
  states.set('nowhere', { sshKeys: 0 });
  states.set('ended', { sshKeys: 0, record: 'ended' });
  assert.equal(await prove(), 0);
  assert.equal(await prove({ capabilities: { userSeeds: true, escapeHatch: null, userIds: 'case-insensitive' } }), 1);
  assert.deepEqual(await open(), ['ci missed [] null']);
});
