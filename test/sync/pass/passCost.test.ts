import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { UNMETERED } from '../../../src/access/ports/meter.ts';
import { rowsOf } from '../../../src/store/sql/lists.ts';
import { takeLease } from '../../../src/sync/lease/lease.ts';
import { LeaverWatch } from '../../../src/sync/leavers/alarms.ts';
import { lookAgain } from '../../../src/sync/pace/lookAgain.ts';
import { explain } from '../../directory/plan.ts';
import { counting } from '../counting.ts';
import { heldRows } from '../rows.ts';
import { syncWorld } from '../world.ts';

/** People who left, and as many who stayed. */
const MANY = 3_000;
const AT = '2026-11-24T08:00:00.000Z';

/** A service that half of its people left, all of them within the window; everything is paid. */
async function left(t: TestContext) {
  const counts = counting();
  const high = '{ count: 100000, percent: 100 }';
  const world = await syncWorld(t, {
    start: false,
    store: counts.over,
    more: `guard: { losses: { disableUsers: ${high} } }`,
  });
  const now = world.context.clock.now();
  const people = rowsOf(
    { id: 'text' },
    Array.from({ length: MANY }, (_, n) => [`left-${String(n).padStart(5, '0')}`]),
  );
  await world.store.write(async ({ db }) => {
    await sql`INSERT INTO users (id, connection, user_name, user_name_key, active, document, created_at, modified_at, version)
      SELECT id, 'okta', id, id, 0, '{}', ${AT}, ${AT}, 1 FROM ${people} AS p WHERE true`.execute(db);
    await sql`INSERT INTO users (id, connection, user_name, user_name_key, active, document, created_at, modified_at, version)
      SELECT 'stays-' || id, 'okta', 'stays-' || id, 'stays-' || id, 1, '{}', ${AT}, ${AT}, 1 FROM ${people} AS p
      WHERE true`.execute(db);
    await sql`INSERT INTO claims (controller, folded_id, id, person, connection, state, since)
      SELECT 'ci', id, id, id, 'okta', 'leaving', ${AT} FROM ${people} AS p WHERE true`.execute(db);
    await sql`INSERT INTO debts (controller, folded_id, id, person, connection, cause, received_at, state, due_ms, started_at,
        done_at, steps, missing, residual, attempts, alarmed, released)
      SELECT 'ci', id, id, id, 'okta', 'leaver', ${AT}, 'done', 0, ${AT}, ${AT}, '[]', '[]', '[]', 0, 0, 0
      FROM ${people} AS p WHERE true`.execute(db);
    await sql`INSERT INTO entries (controller, role_type, role_name, entry_type, sid, standing, person, reasons, since, verified, desired)
      SELECT 'ci', 'item', 'a-developer', 'user', id, 'owned', id, '[]', ${AT}, 0, 0 FROM ${people} AS p WHERE true`.execute(
      db,
    );
    await sql`INSERT INTO guard_events (id, at_ms, controller, connection, kind, key, person, administrative, state)
      SELECT id, ${sql.lit(now - 60_000)}, 'ci', 'okta', 'disabled', id, id, 0, 'applied' FROM ${people} AS p WHERE true`.execute(
      db,
    );
    await db
      .insertInto('counters')
      .values({ name: 'users:okta', value: 2 * MANY })
      .execute();
  });
  await world.group('ci-users');
  for (const name of ['ana', 'ben', 'eve']) await world.person(name);
  await world.add('ci-users', 'ana', 'ben', 'eve');
  await world.order({ kind: 'sync' });
  return { world, counts };
}

test('what a pass over one person reads does not grow with the number of those who left', async (t) => {
  const { world, counts } = await left(t);
  const deeds: Record<string, () => Promise<void>> = {
    'a change': () => world.change('ana', { title: 'Dr.' }),
    'a gain': async () => {
      await world.group('ci-pay-dev', ['ana']);
    },
    'a loss': () => world.drop('ci-users', 'ben'),
    'a leaver': () => world.change('eve', { active: false }),
  };
  for (const [name, deed] of Object.entries(deeds)) {
    await deed();
    counts.take();
    await world.order({ kind: 'sync', person: world.idOf({ 'a loss': 'ben', 'a leaver': 'eve' }[name] ?? 'ana') });
    const { rows, statements } = counts.take();
    assert.ok(rows < 60, `${name}: ${rows} rows`);
    const counted = statements.filter((text) => /count\(\*\)/i.test(text) && /"users"|"entries"/.test(text));
    assert.deepEqual(counted, [], name);
  }
  assert.deepEqual(world.holders('browser'), ['ana']);
});

test('what waits for a release costs a pass over somebody else nothing, and stays as it is', async (t) => {
  const { world, counts } = await left(t);
  const waits = rowsOf(
    { key: 'text', step: 'text' },
    Array.from({ length: MANY }, (_, n) => {
      const principal = { type: 'user', id: `held-${n}` };
      const step = { kind: 'revoke-tokens', principal, person: `held-${n}`, cause: 'leaver', reasons: [] };
      return [`key-${n}`, JSON.stringify(step)];
    }),
  );
  await world.store.write(async ({ db }) => {
    await sql`INSERT INTO held (controller, step_key, digest, ceiling, step, reason, since, state)
      SELECT 'ci', key, 'one', 'losses.disableUsers', step, 'too many', ${AT}, 'held' FROM ${waits} AS waits
      WHERE true`.execute(db);
  });
  await world.group('ci-pay-dev', ['ana']);
  await world.change('eve', { active: false });
  counts.take();
  for (const name of ['ana', 'eve']) await world.order({ kind: 'sync', person: world.idOf(name) });
  const { rows, statements } = counts.take();
  assert.ok(rows < 100, `${rows} rows`);
  const looked = statements.filter((text) => /(json_extract|document)\("step"/.test(text));
  assert.ok(looked.length > 0);
  for (const statement of looked) {
    const steps = (await explain(world, statement)).join('\n');
    assert.match(steps, /held_person/, steps);
  }
  const held = await heldRows(world);
  assert.equal(held.filter(({ digest, state }) => digest === 'one' && state === 'held').length, MANY);
});

test('a whole pass reads those who left in parts', async (t) => {
  const { world, counts } = await left(t);
  counts.take();
  await world.order({ kind: 'sync' });
  const { rows, turn } = counts.take();
  assert.ok(rows > 3 * MANY, `${rows} rows`);
  assert.ok(turn <= 1_100, `${turn} rows in a turn`);
});

test('what is looked at every few seconds is asked of an index, however many left', async (t) => {
  const { world, counts } = await left(t);
  const { context, config } = world;
  // Of one that was never read whole nobody knows who left without a mark: there the ids are looked through once a minute.
  const full_ms = context.clock.now();
  await world.store.write(({ db }) =>
    db.updateTable('controllers').set({ full_ms }).where('name', '=', 'ci').execute(),
  );
  const [at] = config.controllers;
  const lease = (await takeLease(world.store, context.clock, { name: 'a look', alive: () => true }, 'ci'))!;
  counts.take();
  await new LeaverWatch(context).look();
  await lookAgain({ context, config: at!, controller: context.controller('ci'), lease, memory: {} }, full_ms);
  const { rows, statements } = counts.take();
  assert.ok(rows < 20, `${rows} rows`);
  const looked = statements.filter((text) => /debts|guard_events/.test(text));
  assert.equal(looked.length, 4);
  for (const statement of looked) {
    const steps = (await explain(world, statement)).join('\n');
    assert.doesNotMatch(
      steps,
      /SCAN (debts|guard_events)( USING INDEX \w+)?$|Seq Scan on (debts|guard_events)/m,
      steps,
    );
    assert.doesNotMatch(steps, /\(controller=\?\)$/m, steps);
  }
});

test('the ids of a paused connection are not looked through every few seconds; who came back is told by none', async (t) => {
  const { world, counts } = await left(t);
  await world.pause('okta');
  await world.change('ana', { active: false });
  const ages: number[] = [];
  const meter = { ...UNMETERED, oldestLeaver: (age: number) => void ages.push(age) };
  const watch = new LeaverWatch({ ...world.context, meter });
  const look = async (seconds: number): Promise<number> => {
    world.time.forward(seconds * 1_000);
    counts.take();
    await watch.look();
    return counts.take().rows;
  };
  assert.ok((await look(5)) > MANY);
  assert.ok((await look(5)) < 50, 'a few seconds later');
  assert.ok(ages.at(-1)! >= 10);
  await world.change('ana', { active: true });
  assert.ok((await look(5)) < 50);
  assert.equal(ages.at(-1), 0);
  assert.ok((await look(60)) > MANY, 'a minute later');
});
