import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { IdStrategy } from '../../../src/access/principal.ts';
import type { DebtsTable } from '../../../src/store/tables/sync.ts';
import { refold } from '../../../src/sync/ids/refold.ts';
import { openTestStore } from '../../store/open.ts';

const AT = '2026-11-01T00:00:00.000Z';
const CONTROLLERS = ['ci', 'cd'];

/** On both controllers the same is stored, under a realm that tells capitals apart; then one gets another realm. */
async function world(t: TestContext) {
  const store = await openTestStore(t);
  const owed = (id: string, person: string, state: DebtsTable['state']) => ({ id, person, state });
  await store.write(async ({ db }) => {
    const capabilities = JSON.stringify({ userIds: 'case-sensitive' });
    for (const controller of CONTROLLERS) {
      await db.insertInto('controllers').values({ name: controller, paused: 0, on_hold: 0, capabilities }).execute();
      const row = (id: string, person: string) => ({ controller, id, folded_id: id, person, connection: 'okta' });
      for (const [id, person] of [
        ['Ana', 'ana'],
        ['bo', 'bo'],
        ['Dan', 'dan'],
        ['dan', 'eve'],
      ] as const) {
        await db
          .insertInto('claims')
          .values({ ...row(id, person), since: AT, state: 'current' })
          .execute();
        await db
          .insertInto('new_links')
          .values({ ...row(id, person), linked_at: AT, taken: 0 })
          .execute();
      }
      for (const { id, person, state } of [
        owed('Fay', 'fay', 'open'),
        owed('fay', 'fay', 'done'),
        owed('Gil', 'gil', 'done'),
        owed('gil', 'gil', 'open'),
        owed('Hal', 'hal', 'open'),
        owed('hal', 'ivy', 'open'),
        owed('kim', 'kim', 'open'),
      ])
        await db
          .insertInto('debts')
          .values({
            ...{ ...row(id, person), state, cause: 'leaver', received_at: AT, request: null, credential: null },
            ...{ due_ms: 0, started_at: null, done_at: null, steps: '[]', missing: '[]', residual: '[]' },
            ...{ attempts: 0, alarmed: 0, error: null, released: 0 },
          })
          .execute();
    }
  });
  const stored = (controller: string) =>
    store.read(async (db) => {
      const named = (rows: readonly { readonly folded_id: string; readonly id: string; readonly person: string }[]) =>
        rows.map(({ folded_id, id, person }) => `${folded_id} ${id} ${person}`).sort();
      const of = (table: 'claims' | 'new_links' | 'debts') =>
        db.selectFrom(table).select(['folded_id', 'id', 'person']).where('controller', '=', controller).execute();
      return [named(await of('claims')), named(await of('new_links')), named(await of('debts'))];
    });
  return {
    stored,
    under: (userIds: IdStrategy) => refold({ store } as never, 'ci', { capabilities: { userIds } } as never),
  };
}

test('under another realm what is stored is found by its comparison: what is owed stays, of one controller alone', async (t) => {
  const { stored, under } = await world(t);
  const before = await stored('cd');
  const ids = ['ana Ana ana', 'bo bo bo', 'dan dan eve'];
  const debts = ['fay Fay fay', 'gil gil gil', 'hal Hal hal', 'hal hal ivy', 'kim kim kim'];
  for (let times = 0; times < 2; times++) {
    await under('case-insensitive');
    assert.deepEqual(await stored('ci'), [ids, ids, debts]);
  }
  assert.deepEqual(await stored('cd'), before);
});

test('under the realm of before everything stays as it is', async (t) => {
  const { stored, under } = await world(t);
  const before = await stored('ci');
  await under('case-sensitive');
  assert.deepEqual(await stored('ci'), before);
});
