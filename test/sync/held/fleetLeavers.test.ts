import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FleetMoved } from '../../../src/sync/held/fleetGains.ts';
import { requireLeavers } from '../../../src/sync/held/fleetLeavers.ts';
import { config } from '../../plan/guard/make.ts';
import { openTestStore } from '../../store/open.ts';

const NOW = 1_800_000_000_000;
const event = (key: string, controller: string) => ({
  ...{ at: NOW, controller, connection: 'okta', kind: 'disabled', key, person: key },
  ...({ administrative: false, state: 'applied' } as const),
});

type Row = ReturnType<typeof row>;

function row(key: string, controller: string, more: object = {}) {
  const { at, administrative, ...rest } = event(key, controller);
  return { ...rest, id: `${controller}-${key}`, at_ms: at, administrative: administrative ? 1 : 0, ...more };
}

/** `ci` lets `own` go, of whom and of others it knew `known`; `all` where it knew of everybody. At most four of `people` may leave. */
async function world(t: TestContext, own: readonly string[], known: readonly Row[], all: boolean, people = 100) {
  const store = await openTestStore(t);
  const { losses } = config({ losses: { disableUsers: { count: 4, percent: 100, atLeast: 1 } } });
  const put = (rows: readonly Row[]) =>
    store.write(({ db }) =>
      db
        .insertInto('guard_events')
        .values(rows as never)
        .execute(),
    );
  await put(known);
  const verdict = { events: own.map((key) => event(key, 'ci')) };
  const left = { events: known, all, activeAgain: new Set(), counted: new Map(), people: new Map([['okta', people]]) };
  const assessed = { verdict, left, time: { now: NOW, trusted: true } } as never;
  return { put, require: () => store.write(({ db }) => requireLeavers(db, assessed, losses)) };
}

test('whom this controller let go before, and tries again, counts beside whom others let go meanwhile', async (t) => {
  const { put, require } = await world(t, ['c', 'd'], [row('a', 'ci'), row('b', 'ci')], false);
  await require();
  await put([row('e', 'cd')]);
  await assert.rejects(require(), FleetMoved);
});

test('whom others let go meanwhile hinders nobody while all of them are within the ceiling', async (t) => {
  const { put, require } = await world(t, ['c'], [row('a', 'ci'), row('a', 'cd')], true);
  await put([row('d', 'cd'), row('a', 'ce')]);
  await require();
  await put([row('e', 'cd')]);
  await require();
  await put([row('f', 'cd')]);
  await assert.rejects(require(), FleetMoved);
});

test('nobody lets the last of a connection go because others let the rest go meanwhile', async (t) => {
  const { put, require } = await world(t, ['a'], [row('b', 'cd')], true, 4);
  await put([row('c', 'cd')]);
  await require();
  await put([row('d', 'cd')]);
  await assert.rejects(require(), FleetMoved);
});

test('who left another connection, waits, only lost something, or left before the window counts against nobody', async (t) => {
  const others = [
    row('e', 'cd', { connection: 'entra' }),
    row('f', 'cd', { state: 'held' }),
    row('g', 'cd', { kind: 'grant-lost' }),
    row('h', 'cd', { at_ms: NOW - 3_600_000 }),
  ];
  const { put, require } = await world(t, ['a', 'b', 'c'], [row('d', 'ci')], true);
  await put(others);
  await require();
  await put([row('i', 'cd')]);
  await assert.rejects(require(), FleetMoved);
});

test('what a verdict does to others than leavers is not counted; the most is of what was counted when the window began', async (t) => {
  const { require } = await world(t, ['a', 'b', 'c', 'd', 'e'], [row('a', 'ci')], true);
  await require();
  const store = await openTestStore(t);
  await store.write(({ db }) =>
    db
      .insertInto('guard_events')
      .values([row('x', 'cd'), row('y', 'cd')] as never)
      .execute(),
  );
  const { losses } = config({ losses: { disableUsers: { count: 100, percent: 10, atLeast: 1 } } });
  const ask = (change: object, counted: number, known: readonly Row[] = []) => {
    const verdict = { events: [{ ...event('a', 'ci'), ...change }] };
    const people = new Map([['okta', 100]]);
    const left = { events: known, all: true, activeAgain: new Set(), counted: new Map([['okta', counted]]), people };
    const assessed = { verdict, left, time: { now: NOW, trusted: true } } as never;
    return store.write(({ db }) => requireLeavers(db, assessed, losses));
  };
  await ask({}, 30);
  await assert.rejects(ask({}, 20), FleetMoved);
  await ask({}, 20, [row('x', 'cd'), row('y', 'cd')]);
  await assert.rejects(ask({}, 20, [row('x', 'cd'), row('y', 'cd', { connection: 'entra' })]), FleetMoved);
  for (const none of [{ kind: 'grant-lost' }, { state: 'held' }]) await ask(none, 20);
});
