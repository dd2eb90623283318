import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { Breathe } from '../../../src/access/ports/store.ts';
import { heldByWay } from '../../../src/cli/product/held.ts';
import { rowsOf } from '../../../src/store/sql/lists.ts';
import { guardEventsOf } from '../../../src/sync/held/guardEvents.ts';
import { forgetEntriesAt, proveDebts, unpaidOfAll } from '../../../src/sync/leavers/leaverStatements.ts';
import { claimsOf, debtsOf, entriesOf } from '../../../src/sync/state/stored.ts';
import { openBench } from '../../directory/open.ts';
import { explain } from '../../directory/plan.ts';

type Db = Parameters<typeof claimsOf>[0];
type Question = (db: Db) => Promise<readonly { readonly person: string | null }[]>;

const MANY = 3_000;
const asked = new Set(Array.from({ length: 100 }, (_, n) => `person-${n * 7}`));
const AT = '2026-11-24T08:00:00.000Z';

/** A controller with rows of thousands of people, of which the engine has no statistics yet: so it is after a first look. */
async function filled(t: Parameters<typeof openBench>[0]) {
  const bench = await openBench(t);
  const people = rowsOf(
    { person: 'text' },
    Array.from({ length: MANY }, (_, n) => [`person-${n}`]),
  );
  await bench.store.write(async ({ db }) => {
    await sql`INSERT INTO claims (controller, folded_id, id, person, connection, state, since)
      SELECT 'ci', person, person, person, 'okta', 'current', ${AT} FROM ${people} AS p`.execute(db);
    await sql`INSERT INTO entries
      (controller, role_type, role_name, entry_type, sid, standing, person, reasons, since, verified, desired)
      SELECT 'ci', 'projectRoles', 'r', 'USER', person, 'owned', person, '[]', ${AT}, 1, 1 FROM ${people} AS p`.execute(
      db,
    );
    await sql`INSERT INTO debts (controller, folded_id, id, person, connection, cause, received_at, state, due_ms, steps, missing,
        residual, attempts, alarmed, released)
      SELECT 'ci', person, person, person, 'okta', 'leaver', ${AT}, 'open', 0, '[]', '[]', '[]', 0, 0, 0 FROM ${people} AS p`.execute(
      db,
    );
    await sql`INSERT INTO guard_events (id, at_ms, controller, kind, key, person, administrative, state)
      SELECT person, 5, 'ci', 'grant-gained', person, person, 0, 'counted' FROM ${people} AS p`.execute(db);
  });
  return bench;
}

test('what is stored of some people is asked of an index over people, though the engine has no statistics of the table', async (t) => {
  const bench = await filled(t);
  const questions: Record<string, Question> = {
    claims: (db) => claimsOf(db, 'ci', asked, []),
    entries: (db) => entriesOf(db, 'ci', asked),
    debts: (db) => debtsOf(db, 'ci', asked),
    guard_events: (db) => guardEventsOf(db, { controller: 'ci', whom: asked, losses: 0, gains: 0 }),
  };
  for (const [table, ask] of Object.entries(questions)) {
    bench.statements();
    const rows = await bench.store.read(ask);
    assert.deepEqual(new Set(rows.map(({ person }) => person)), asked, table);
    const [statement = ''] = bench.statements().filter((text) => /person/.test(text) && text.includes(table));
    const steps = (await explain(bench, statement)).join('\n');
    assert.match(steps, new RegExp(`${table}_person`), steps);
    assert.doesNotMatch(steps, /_pkey|autoindex|_state|_at\b|_key\b/, steps);
  }
});

test('what waits is counted by an index, without the steps themselves: a mass loss holds many', async (t) => {
  const bench = await openBench(t);
  bench.statements();
  await heldByWay(bench);
  const [statement = ''] = bench.statements().filter((text) => text.includes('held'));
  const steps = (await explain(bench, statement)).join('\n');
  assert.match(steps, /held_state/, steps);
});

test('people of another controller are not found', async (t) => {
  const bench = await filled(t);
  await bench.store.read(async (db) => {
    assert.deepEqual(await claimsOf(db, 'other', asked, []), []);
    assert.deepEqual(await entriesOf(db, 'other', asked), []);
    assert.deepEqual(await debtsOf(db, 'other', asked), []);
  });
});

test('what is stored of many people is read a hundred people in a turn of the event loop', async (t) => {
  const bench = await filled(t);
  const many = new Set(Array.from({ length: 350 }, (_, n) => `person-${n * 8}`));
  type Reading = (db: Db, breathe: Breathe) => Promise<readonly { readonly person: string | null }[]>;
  const questions: readonly Reading[] = [
    (db, breathe) => claimsOf(db, 'ci', many, [], breathe),
    (db, breathe) => entriesOf(db, 'ci', many, [], breathe),
    (db, breathe) => debtsOf(db, 'ci', many, breathe),
    (db, breathe) => guardEventsOf(db, { controller: 'ci', whom: many, losses: 0, gains: 0 }, breathe),
  ];
  for (const ask of questions)
    await bench.store.read(async (db) => {
      const inTurn: number[] = [0];
      const executor = db.getExecutor();
      const run = executor.executeQuery.bind(executor);
      const mocked = t.mock.method(executor, 'executeQuery', async (query: never) => {
        const result = await run(query);
        inTurn.push(inTurn.pop()! + result.rows.length);
        return result as never;
      });
      const rows = await ask(db, async () => void inTurn.push(0));
      mocked.mock.restore();
      assert.deepEqual(new Set(rows.map(({ person }) => person)), many);
      assert.ok(Math.max(...inTurn) <= 100, inTurn.join());
    });
});

test('what leavers owe is asked of the index over people, and their entries of those over people and ids, however many leave', async (t) => {
  const bench = await filled(t);
  bench.statements();
  const [one, other] = ['person-7', 'person-9'].map((id) => ({ folded_id: id, person: id }));
  await bench.store.write(async ({ db }) => {
    const owed = await unpaidOfAll(db, 'ci', [one!, other!, { folded_id: 'person-8', person: 'person-7' }]);
    assert.deepEqual(owed.map(({ folded_id, person }) => `${folded_id} ${person}`).sort(), [
      'person-7 person-7',
      'person-9 person-9',
    ]);
    assert.deepEqual(await unpaidOfAll(db, 'other', [one!]), []);
    const progress = {
      ...({ steps: '[]', missing: '[]', residual: '[]', state: 'done', started_at: AT } as const),
      ...{ done_at: AT, due_ms: 0, attempts: 1, error: null },
    };
    await proveDebts(db, 'ci', [{ ...one!, ...progress }]);
    await proveDebts(db, 'other', [{ ...other!, ...progress }]);
    assert.deepEqual(
      (await unpaidOfAll(db, 'ci', [one!, other!])).map(({ person }) => person),
      ['person-9'],
    );
    await forgetEntriesAt(db, 'ci', [{ sid: 'person-7', person: 'person-7' }]);
    await forgetEntriesAt(db, 'other', [{ sid: 'person-9', person: 'person-9' }]);
  });
  const statements = new Set(bench.statements().filter((text) => /debts|entries/.test(text)));
  assert.equal(statements.size, 3);
  // A server keeps the plan that it made while the tables were empty.
  const empty = await openBench(t);
  for (const statement of statements)
    for (const place of [bench, empty]) {
      const steps = (await explain(place, statement)).join('\n');
      if (statement.includes('entries')) assert.match(steps, /entries_sid[\s\S]*entries_person/, steps);
      else assert.match(steps, /debts_person/, steps);
      assert.doesNotMatch(steps, /_state|entries_pkey|autoindex_entries/, steps);
    }
  await bench.store.read(async (db) => {
    const [unpaid] = await unpaidOfAll(db, 'ci', [{ folded_id: 'person-8', person: 'person-8' }]);
    assert.equal(unpaid?.person, 'person-8');
    const fallen = (await entriesOf(db, 'ci', asked)).filter(({ verified }) => verified === 0);
    assert.deepEqual(
      fallen.map(({ person }) => person),
      ['person-7'],
    );
  });
});
