import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetMoved } from '../../src/sync/fleetGains.ts';
import { requireLeavers } from '../../src/sync/fleetLeavers.ts';
import { config } from '../plan/guard/make.ts';
import { openTestStore } from '../store/open.ts';

const NOW = 1_800_000_000_000;
const event = (key: string, controller: string) => ({
  ...{ at: NOW, controller, connection: 'okta', kind: 'disabled', key, person: key },
  ...({ administrative: false, state: 'applied' } as const),
});

test('whom this controller let go before, and tries again, counts beside whom others let go meanwhile', async (t) => {
  const store = await openTestStore(t);
  const { losses } = config({ losses: { disableUsers: { count: 4, percent: 100, atLeast: 1 } } });
  const row = (key: string, controller: string) => {
    const { at, administrative, ...rest } = event(key, controller);
    return { ...rest, id: `${controller}-${key}`, at_ms: at, administrative: administrative ? 1 : 0 } as never;
  };
  const before = [row('a', 'ci'), row('b', 'ci')];
  const put = (rows: readonly never[]) => store.write(({ db }) => db.insertInto('guard_events').values(rows).execute());
  await put(before);
  // Two who are not done yet, and two more: as many as the ceiling lets through.
  const verdict = { events: [event('c', 'ci'), event('d', 'ci')] };
  const left = { events: before, all: false, activeAgain: new Set(), people: new Map([['okta', 100]]) };
  const require = () =>
    store.write(({ db }) => requireLeavers(db, { verdict, left, time: { now: NOW, trusted: true } } as never, losses));
  await require();
  await put([row('e', 'cd')]);
  await assert.rejects(require(), FleetMoved);
});
