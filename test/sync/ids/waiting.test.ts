import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Identity } from '../../../src/plan/identities.ts';
import type { DebtsTable } from '../../../src/store/tables/sync.ts';
import { Waiting } from '../../../src/sync/ids/waiting.ts';
import { openTestStore } from '../../store/open.ts';

const AT = '2026-11-01T00:00:00.000Z';
const contested = (wanted: string): Identity => ({ none: 'contested', wanted });

/** `shared` on `ci` is of ana, who left. */
async function world(
  t: TestContext,
  claim: { readonly state?: 'current' | 'leaving'; readonly controller?: string } = {},
) {
  const store = await openTestStore(t);
  const owner = { folded_id: 'shared', id: 'Shared', person: 'ana', connection: 'okta', since: AT };
  await store.write(({ db }) =>
    db
      .insertInto('claims')
      .values({ controller: 'ci', state: 'leaving', ...owner, ...claim })
      .execute(),
  );
  const debt = (person: string, change: Partial<DebtsTable>) => {
    const row = {
      ...{ controller: 'ci', folded_id: 'shared', id: 'Shared', person, connection: 'okta', cause: 'leaver' as const },
      ...{ received_at: AT, request: null, credential: null, due_ms: 0, started_at: null, done_at: null },
      ...{ steps: '[]', missing: '[]', residual: '[]', attempts: 0, alarmed: 0, error: null, released: 0 },
      ...{ state: 'open' as const, ...change },
    };
    return store.write(async ({ db }) => {
      await db.deleteFrom('debts').where('person', '=', person).execute();
      await db.insertInto('debts').values(row).execute();
    });
  };
  const waiting = new Waiting('ci');
  return {
    ...{ debt, paid: (person: string, done_at = AT) => debt(person, { state: 'done', done_at }) },
    note: (people: Readonly<Record<string, Identity>>) =>
      waiting.note(new Map(Object.entries(people)), 'case-insensitive'),
    freed: () => store.read((db, breathe) => waiting.freed(db, breathe)),
  };
}

test('who waits for an id of somebody who left is told of each time it was paid there, once', async (t) => {
  const { debt, paid, note, freed } = await world(t);
  assert.deepEqual(await freed(), []);
  await debt('ana', {});
  note({ cy: contested('SHARED'), dee: { none: 'reserved', wanted: 'shared' }, eve: contested('other') });
  assert.deepEqual(await freed(), []);
  await paid('ana');
  assert.deepEqual(await freed(), ['cy']);
  assert.deepEqual(await freed(), []);
  note({ cy: contested('shared') });
  assert.deepEqual(await freed(), []);
  await paid('ana', '2026-11-02T00:00:00.000Z');
  assert.deepEqual(await freed(), ['cy']);
});

test('who has another id still waits for the one that is theirs; who got it, or asks for it no more, does not', async (t) => {
  const { paid, note, freed } = await world(t);
  await paid('ana');
  const keeps = { id: 'cy', foldedId: 'cy', wanted: 'shared' };
  note({ cy: { ...keeps, problem: 'contested' }, dee: contested('shared'), eve: contested('shared') });
  note({ dee: { id: 'shared', foldedId: 'shared' }, eve: { none: 'inactive' } });
  assert.deepEqual(await freed(), ['cy']);
  note({ cy: keeps });
  note({ cy: { ...keeps, problem: 'contested' } });
  assert.deepEqual(await freed(), ['cy'], 'they wait anew');
});

test('an id is free once nobody who left owes anything there that an operator gave not free', async (t) => {
  const { debt, paid, note, freed } = await world(t);
  await paid('ana');
  note({ cy: contested('shared') });
  for (const owing of [{ state: 'open' }, { state: 'held' }, { cause: 'old-id' }] as const) {
    await debt('bo', owing);
    assert.deepEqual(await freed(), [], JSON.stringify(owing));
  }
  const free = [
    { state: 'cancelled' },
    { released: 1 },
    { cause: 'unentitled' },
    { controller: 'cd' },
    { folded_id: 'x' },
  ] as const;
  for (const [n, none] of free.entries()) {
    await debt('bo', none);
    await paid('ana', `2026-11-0${n + 2}T00:00:00.000Z`);
    assert.deepEqual(await freed(), ['cy'], JSON.stringify(none));
  }
});

test('what is not paid, or paid elsewhere, at another id, or at an id that is somebody’s, frees nothing', async (t) => {
  for (const [claim, debt] of [
    [{ state: 'current' }, {}],
    [{ controller: 'cd' }, {}],
    [{ controller: 'cd' }, { controller: 'cd' }],
    [{}, { controller: 'cd' }],
    [{}, { folded_id: 'other' }],
    [{}, { state: 'cancelled' }],
  ] as const) {
    const here = await world(t, claim);
    await here.debt('ana', { state: 'done', done_at: AT, ...debt });
    here.note({ cy: contested('shared') });
    assert.deepEqual(await here.freed(), [], JSON.stringify([claim, debt]));
  }
});

test('who waits beside somebody who gives the wish up is told once, without anything being paid', async (t) => {
  const { note, freed } = await world(t);
  note({ bo: contested('shared'), cy: contested('shared'), dee: contested('other') });
  note({ bo: contested('another') });
  assert.deepEqual(await freed(), ['cy']);
  assert.deepEqual(await freed(), []);
  note({ bo: contested('shared'), cy: contested('shared') });
  note({ bo: { none: 'inactive' }, cy: contested('shared') });
  assert.deepEqual(await freed(), [], 'who was looked at beside them waits for somebody else');
  note({ dee: { id: 'dee', foldedId: 'dee', wanted: 'shared', problem: 'contested' } });
  note({ dee: { id: 'dee', foldedId: 'dee' } });
  assert.deepEqual(await freed(), ['cy'], 'who keeps another id gives up what was asked for beside it');
  note({ dee: contested('shared') });
  note({ dee: { id: 'shared', foldedId: 'shared' } });
  assert.deepEqual(await freed(), [], 'the one who asked for it has it');
});

test('of many who wait each is told, however many wait before them for ids that are not free', async (t) => {
  const { paid, note, freed } = await world(t);
  note(Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`p${n}`, contested(`taken-${n}`)])));
  note({ cy: contested('shared') });
  await paid('ana');
  assert.deepEqual(await freed(), ['cy']);
});
