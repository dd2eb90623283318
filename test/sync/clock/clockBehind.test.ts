import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { refuse } from '../../../src/errors.ts';
import { acceptClock, clockState } from '../../../src/sync/clock/clockBehind.ts';
import { LeaverWatch } from '../../../src/sync/leavers/alarms.ts';
import { dueDebts, postponeDue } from '../../../src/sync/leavers/debts.ts';
import { passThrough } from '../passThrough.ts';
import { waiting } from '../rows.ts';
import { eventually, POLICY, syncWorld, type WorldOptions } from '../world.ts';

const sync = { kind: 'sync' } as const;
const HOUR = 3_600_000;

/** `ana` has what ends in an hour and what ends in a week; then a start of the service that believed in tomorrow. */
async function believed(t: TestContext, ahead = 24 * HOUR) {
  const now = Date.now();
  const rule = (id: string, user: string, end: number): string =>
    `  - id: ${id}\n    user: ${user}\n    until: ${new Date(end).toISOString()}\n    grant: browser\n`;
  const soon = [rule('soon', 'ana', now + HOUR), rule('soon-bo', 'bo', now + HOUR)].join('');
  const policy = `${POLICY}${soon}${rule('late', 'cy', now + 168 * HOUR)}`;
  const world = await syncWorld(t, { start: false, policy });
  await world.person('ana');
  await world.person('cy');
  assert.equal((await world.order(sync)).error, undefined);
  assert.deepEqual([...world.holders('browser')].sort(), ['ana', 'cy']);
  const highest = world.context.clock.now() + ahead;
  await world.store.write(({ db }) => db.updateTable('clock').set({ highest_ms: highest }).execute());
  return { ...world, highest, rule };
}

test('a clock that is behind is accepted by an operator; from then on time counts again', async (t) => {
  const world = await believed(t);
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['revoke ana: clock']);
  assert.equal((await world.assess()).time.trusted, false);

  const shown = await clockState(world.context);
  assert.ok(shown.behindMs > 23 * HOUR);
  assert.deepEqual(
    shown.ended.map(({ rule }) => rule),
    ['soon', 'soon-bo'],
  );
  await acceptClock(world.context);
  assert.equal((await world.assess()).time.trusted, true);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['cy']);
  world.time.forward(169 * HOUR);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
  const records = await world.store.read((db) =>
    db.selectFrom('ledger').select('body').where('kind', '=', 'clock.accepted').execute(),
  );
  assert.equal(records.length, 1);
  assert.equal(JSON.parse(records[0]!.body).highest, new Date(world.highest).toISOString());
});

test('what an until had ended by the highest time comes back for nobody when the clock is accepted', async (t) => {
  const world = await believed(t);
  await acceptClock(world.context);
  // bo was nobody when the rule was judged.
  await world.person('bo');
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['cy']);
  world.setPolicy(`${POLICY}${world.rule('again', 'bo', world.context.clock.now() + 2 * HOUR)}`);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['bo']);
});

test('a clock that is not behind has nothing to accept', async (t) => {
  const world = await syncWorld(t, { start: false });
  await assert.rejects(acceptClock(world.context), {
    code: 'CLOCK_FINE',
    message: /^The clock is not behind: no time was seen yet/,
  });
  assert.equal((await clockState(world.context)).behindMs, 0);
  await world.order(sync);
  await assert.rejects(acceptClock(world.context), { message: /the highest time seen is 20\d\d-.*Z/ });
});

test('what was counted in the time that was wrong counts from now on, and nothing waits for that time', async (t) => {
  const world = await believed(t);
  const at = world.highest;
  await world.store.write(async ({ db }) => {
    const event = { controller: 'ci', connection: null, kind: 'grant-lost', key: 'k', person: null } as const;
    await db
      .insertInto('guard_events')
      .values({ id: 'e', at_ms: at, ...event, administrative: 0, state: 'applied' } as never)
      .execute();
    for (const [ahead, members] of [
      [1, 4],
      [2, 5],
    ] as const)
      await db
        .insertInto('group_counts')
        .values({ group_id: 'g', at_ms: at + ahead, members, name: 'g' })
        .execute();
    await db
      .insertInto('leases')
      .values({ controller: 'x', holder: 'elsewhere/1/x', fence: 1, expires_ms: at })
      .execute();
  });
  const { now } = await acceptClock(world.context);
  const { events, counts, lease } = await world.store.read(async (db) => ({
    events: await db.selectFrom('guard_events').select('at_ms').where('at_ms', '>', now).execute(),
    counts: await db.selectFrom('group_counts').select(['at_ms', 'members']).where('group_id', '=', 'g').execute(),
    lease: await db.selectFrom('leases').select('expires_ms').where('controller', '=', 'x').executeTakeFirst(),
  }));
  assert.deepEqual(events, []);
  assert.deepEqual(
    counts.map(({ at_ms, members }) => [at_ms, members]),
    [[now, 5]],
  );
  assert.equal(lease?.expires_ms, now + 30_000);
});

test('what counts against a ceiling is not forgotten by a clock that nobody trusts', async (t) => {
  const world = await syncWorld(t, { start: false });
  const { store, context, time } = world;
  const event = { controller: 'ci', connection: null, kind: 'grant-lost', key: 'k', person: null } as const;
  await store.write(({ db }) =>
    db
      .insertInto('guard_events')
      .values({ id: 'e', at_ms: context.clock.now(), ...event, administrative: 0, state: 'applied' } as never)
      .execute(),
  );
  const known = async (): Promise<number> => {
    await new LeaverWatch(context).look();
    return (await store.read((db) => db.selectFrom('guard_events').select('id').execute())).length;
  };
  time.leap(100 * HOUR);
  assert.equal(await known(), 1, 'for a moment it was four days later');
  time.leap(-100 * HOUR);
  await store.write(({ db }) =>
    db
      .updateTable('clock')
      .set({ highest_ms: context.clock.now() + 100 * HOUR })
      .execute(),
  );
  assert.equal(await known(), 1, 'our clock is behind');
  await store.write(({ db }) => db.updateTable('clock').set({ highest_ms: 0 }).execute());
  time.forward(100 * HOUR);
  assert.equal(await known(), 0, 'no window reaches it');
});

test('a leaver whose next try was put off by a clock that went back is tried now', async (t) => {
  const { store } = await syncWorld(t, { start: false });
  const now = Date.now();
  const row = (person: string, cause: 'leaver' | 'old-id' | 'unentitled', due: number) => ({
    ...{ controller: 'ci', folded_id: person, id: person, person, connection: 'okta', cause, received_at: 'r' },
    ...{ request: null, credential: null, state: 'open', due_ms: due, started_at: null, done_at: null },
    ...{ steps: '[]', missing: '[]', residual: '[]', attempts: 0, alarmed: 0, error: null, released: 0 },
  });
  const rows = [
    row('a', 'leaver', now + 8760 * HOUR),
    row('b', 'leaver', now + 30_000),
    row('c', 'unentitled', now + HOUR),
    row('d', 'old-id', now + 8760 * HOUR),
  ];
  await store.write(({ db }) =>
    db
      .insertInto('debts')
      .values(rows as never)
      .execute(),
  );
  assert.deepEqual((await dueDebts(store, 'ci', now)).sort(), ['a', 'd']);
  await postponeDue(store, 'ci', ['a', 'd'], now);
  assert.deepEqual(await dueDebts(store, 'ci', now), []);
});

test('a running service whose clock is set back goes on looking at its controllers', async (t) => {
  const world = await syncWorld(t, { start: false, policy: POLICY });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  world.start();
  await eventually(() => world.holders('browser').includes('ana'));
  world.time.leap(-240 * HOUR);
  world.practice.hands.revoke('browser', 'ana');
  assert.deepEqual(world.holders('browser'), []);
  await eventually(() => world.holders('browser').includes('ana'), 'the repair', 20_000);
});

test('a running service sees that its clock was accepted', async (t) => {
  const world = await believed(t);
  world.start();
  await eventually(async () => (await waiting(world)).length === 1);
  await acceptClock(world.context);
  await eventually(() => !world.holders('browser').includes('ana'), 'the expiry', 20_000);
});

/** A service that has just carried a change out. */
async function atWork(t: TestContext, options: WorldOptions = {}) {
  const world = await syncWorld(t, options);
  for (const name of ['ana', 'bo', 'cy']) await world.person(name);
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.add('ci-pay-dev', 'cy');
  await eventually(() => world.holders('pay-developer').includes('cy'));
  return world;
}

test('a change does not wait until a clock that was set back has caught up', async (t) => {
  const world = await atWork(t);
  world.time.leap(-HOUR);
  await world.add('ci-pay-dev', 'bo');
  await eventually(() => world.holders('pay-developer').includes('bo'), 'the look at everybody', 20_000);
  await world.drop('ci-pay-dev', 'bo');
  await eventually(() => !world.holders('pay-developer').includes('bo'), 'a change', 4_000);
});

test('nobody who left waits behind a breaker until a clock that was set back has caught up', async (t) => {
  let failing = false;
  const world = await atWork(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      probe: () =>
        failing ? Promise.reject(refuse('JEN_FORBIDDEN', { controller: controller.name })) : controller.probe(),
    }),
  });
  const failures = (): number => Math.max(0, ...world.lines.map(({ fields }) => Number(fields.failures ?? 0)));
  failing = true;
  world.time.forward(16 * 60_000);
  await world.change('ana', { active: false });
  await eventually(() => failures() >= 4, 'an open breaker and a probe', 20_000);
  world.time.leap(-HOUR);
  failing = false;
  await eventually(() => !world.holders('pay-developer').includes('ana'), 'the leaver', 10_000);
});
