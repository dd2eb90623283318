import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { DebtsTable } from '../../../src/store/tables/sync.ts';
import { dueDebts, nextDebtDue, postponeDue } from '../../../src/sync/leavers/debts.ts';
import { openTestStore } from '../../store/open.ts';

const NOW = 1_800_000_000_000;

async function world(t: TestContext) {
  const store = await openTestStore(t);
  const put = (person: string, more: Partial<DebtsTable> = {}) =>
    store.write(({ db }) =>
      db
        .insertInto('debts')
        .values({
          ...{ controller: 'ci', folded_id: person, id: person, person, connection: 'okta', cause: 'leaver' },
          ...{ received_at: '2026-11-01T00:00:00.000Z', request: null, credential: null, state: 'open', due_ms: NOW },
          ...{ started_at: null, done_at: null, steps: '[]', missing: '[]', residual: '[]', attempts: 0, alarmed: 0 },
          ...{ error: null, released: 0 },
          ...more,
        })
        .execute(),
    );
  const rows = async () =>
    (await store.read((db) => db.selectFrom('debts').selectAll().orderBy('person').execute())).map(
      ({ person, attempts, due_ms }) => `${person} ${attempts} ${due_ms - NOW}`,
    );
  return { store, put, rows };
}

/** Of each kind one, and what is of another controller. */
async function filled(t: TestContext) {
  const made = await world(t);
  const { put } = made;
  await put('due', { received_at: '2026-11-02T00:00:00.000Z' });
  await put('later', { due_ms: NOW + 1 });
  await put('unentitled', { cause: 'unentitled', due_ms: NOW + 3_600_000 });
  await put('clock', { due_ms: NOW + 300_001 });
  await put('furthest', { due_ms: NOW + 300_000 });
  await put('done', { state: 'done' });
  await put('held', { state: 'held' });
  await put('cancelled', { state: 'cancelled' });
  await put('elsewhere', { controller: 'other', due_ms: NOW - 5 });
  return made;
}

test('due are open debts of one controller whose time has come, or whose retry a clock put off too far', async (t) => {
  const { store } = await filled(t);
  assert.deepEqual(await dueDebts(store, 'ci', NOW), ['clock', 'due']);
  assert.deepEqual(await dueDebts(store, 'other', NOW), ['elsewhere']);
  assert.deepEqual(await dueDebts(store, 'third', NOW), []);
});

test('somebody who owes at two ids is named once, and who has waited longest comes first', async (t) => {
  const { store, put } = await world(t);
  await put('young', { received_at: '2026-11-03T00:00:00.000Z' });
  await put('old', { received_at: '2026-11-01T00:00:00.000Z' });
  await put('old', { received_at: '2026-11-02T00:00:00.000Z', folded_id: 'another', id: 'another' });
  assert.deepEqual(await dueDebts(store, 'ci', NOW), ['old', 'young']);
});

test('the next that is due is an open one of that controller', async (t) => {
  const { store, put } = await filled(t);
  await put('earlier', { state: 'done', due_ms: NOW - 9 });
  assert.equal(await nextDebtDue(store, 'ci'), NOW);
  assert.equal(await nextDebtDue(store, 'other'), NOW - 5);
  assert.equal(await nextDebtDue(store, 'third'), Infinity);
});

test('only what is due is put off, by five seconds, and counted as tried', async (t) => {
  const { store, rows } = await filled(t);
  await postponeDue(store, 'ci', ['due', 'later', 'unentitled', 'clock', 'furthest', 'done', 'held', 'elsewhere'], NOW);
  assert.deepEqual(await rows(), [
    ...['cancelled 0 0', 'clock 1 5000', 'done 0 0', 'due 1 5000', 'elsewhere 0 -5', 'furthest 0 300000'],
    ...['held 0 0', 'later 0 1', 'unentitled 0 3600000'],
  ]);
});

test('who was not looked at yet, because more are due than go together, is due at once', async (t) => {
  const { store, put } = await world(t);
  for (let at = 0; at < 203; at++)
    await put(`p${String(at).padStart(3, '0')}`, { received_at: new Date(NOW - 1_000_000 + at).toISOString() });
  const first = await dueDebts(store, 'ci', NOW);
  assert.equal(first.length, 200);
  await postponeDue(store, 'ci', first, NOW);
  assert.deepEqual(await dueDebts(store, 'ci', NOW), ['p200', 'p201', 'p202']);
});
