import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardEventsTable } from '../../../src/store/tables/sync.ts';
import { grantsBefore } from '../../../src/sync/held/populations.ts';
import { openTestStore } from '../../store/open.ts';

const START = 1_000_000;

test('the grants there were are those of ours that are there, and what was lost in the window and is not back', async (t) => {
  const store = await openTestStore(t);
  await store.write(async ({ db }) => {
    const entry = { controller: 'ci', role_type: 'global', role_name: 'r', entry_type: 'user', person: null } as const;
    const more = {
      standing: 'owned',
      reasons: '[]',
      since: '2026-01-01T00:00:00.000Z',
      verified: 1,
      desired: 1,
    } as const;
    const others = [{ standing: 'matched' as const }, { verified: 0 }, { controller: 'cd' }];
    for (const [n, one] of [{}, {}, {}, ...others].entries())
      await db
        .insertInto('entries')
        .values({ ...entry, ...more, sid: `u${n}`, ...one })
        .execute();
  });
  let id = 0;
  const event = (
    kind: 'grant-lost' | 'grant-gained',
    key: string,
    ago: number,
    more: Partial<GuardEventsTable> = {},
  ) => ({
    ...{ id: `e${++id}`, kind, key, at_ms: START + ago, controller: 'ci', connection: null, person: null },
    ...{ administrative: 0, state: 'applied' as const, ...more },
  });
  const events: GuardEventsTable[] = [
    event('grant-lost', 'gone', 5),
    event('grant-lost', 'gone', 6),
    event('grant-lost', 'back', 5),
    event('grant-gained', 'back', 6),
    event('grant-lost', 'back and gone', 5),
    event('grant-gained', 'back and gone', 6),
    event('grant-lost', 'back and gone', 7),
    event('grant-lost', 'waits to be back', 5),
    event('grant-gained', 'waits to be back', 6, { state: 'held' }),
    event('grant-lost', 'waits', 5, { state: 'held' }),
    event('grant-lost', 'before', -1),
    event('grant-lost', 'elsewhere', 5, { controller: 'cd' }),
    event('grant-gained', 'new', 5),
  ];
  assert.equal(await store.read((db) => grantsBefore(db, 'ci', events, START)), 3 + 3);
});
