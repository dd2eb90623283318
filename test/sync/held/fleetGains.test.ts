import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardEvent } from '../../../src/plan/guard/event.ts';
import { FleetMoved, requireFleet } from '../../../src/sync/held/fleetGains.ts';
import { openTestStore } from '../../store/open.ts';

const NOW = 1_800_000_000_000;
const WINDOW = 1_000;

function gain(person: string | undefined, controller: string, change: Partial<GuardEvent> = {}): GuardEvent {
  const key = person ?? 'somebody';
  const known = person === undefined ? {} : { person };
  return {
    ...{ at: NOW, controller, connection: 'okta', kind: 'administrator-gained', key, ...known },
    ...({ administrative: true, state: 'applied', ...change } as const),
  };
}

test('together controllers make no more administrators than the ceiling has it, and who makes none is not in the way', async (t) => {
  const store = await openTestStore(t);
  let id = 0;
  const row = ({ at, administrative, person, connection, ...rest }: GuardEvent) => ({
    ...{ ...rest, id: `e${++id}`, at_ms: at, administrative: administrative ? 1 : 0, person: person ?? null },
    connection: connection ?? null,
  });
  const put = (...events: readonly GuardEvent[]) =>
    store.write(({ db }) =>
      db
        .insertInto('guard_events')
        .values(events.map(row) as never)
        .execute(),
    );
  /** `ci` makes administrators of these, of two at most; it knew of what is given. */
  const require = (events: readonly GuardEvent[], known: readonly GuardEvent[] = []) => {
    const assessed = { verdict: { events }, situation: { events: known.map(row) }, time: { now: NOW, trusted: true } };
    const gains = { window: WINDOW, administrators: { count: 2 } };
    return store.write(({ db }) => requireFleet(db, assessed as never, gains));
  };
  const ana = gain('ana', 'ci');
  const bo = gain('bo', 'cd');
  await put(bo, gain('ana', 'cd'), gain('old', 'cd', { at: NOW - WINDOW }), gain('no', 'cd', { kind: 'grant-gained' }));
  await require([ana]);
  await put(gain('cy', 'cd'));
  await assert.rejects(require([ana]), FleetMoved);
  await assert.rejects(require([ana], [bo]), FleetMoved);
  await require([ana], [bo, gain('cy', 'cd')]);
  await assert.rejects(require([ana], [bo, gain('cy', 'cd', { kind: 'administrator-lost' })]), FleetMoved);
  for (const none of [{ kind: 'grant-gained' }, { state: 'held' }] as const) await require([gain('ana', 'ci', none)]);
  await require([]);
});

test('who is not known counts on each controller anew', async (t) => {
  const store = await openTestStore(t);
  await store.write(({ db }) =>
    db
      .insertInto('guard_events')
      .values({
        ...{ id: 'e', at_ms: NOW, controller: 'cd', connection: null, kind: 'administrator-gained', key: 'somebody' },
        ...{ person: null, administrative: 1, state: 'applied' },
      })
      .execute(),
  );
  const require = (controller: string) => {
    const verdict = { events: [gain(undefined, controller)] };
    const assessed = { verdict, situation: { events: [] }, time: { now: NOW, trusted: true } };
    const gains = { window: WINDOW, administrators: { count: 1 } };
    return store.write(({ db }) => requireFleet(db, assessed as never, gains));
  };
  await require('cd');
  await assert.rejects(require('ci'), FleetMoved);
});
