import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnedEntry } from '../../../src/plan/plan.ts';
import { unmanagedOf } from '../../../src/sync/ids/unmanaged.ts';
import { inOneTurn } from '../../../src/sync/state/reading.ts';
import { openTestStore } from '../../store/open.ts';

test('what others have by a rule was not made by hand, where a pass looks at some people only: entry by entry', async (t) => {
  const store = await openTestStore(t);
  const entry = (id: string, name = 'readers', type: 'user' | 'either' = 'user'): OwnedEntry => ({
    role: { type: 'global', name },
    principal: { type, id },
  });
  await store.write(async ({ db }) => {
    for (const [sid, controller] of [
      ['bo', 'ci'],
      ['cy', 'cd'],
    ] as const)
      await db
        .insertInto('entries')
        .values({
          ...{ controller, role_type: 'global', role_name: 'readers', entry_type: 'user', sid, person: sid },
          ...{ standing: 'owned', reasons: '[]', since: '2026-11-01T00:00:00.000Z', verified: 1, desired: 1 },
        })
        .execute();
  });
  const unmanaged = [entry('bo'), entry('bo', 'writers'), entry('bo', 'readers', 'either'), entry('cy'), entry('dee')];
  const of = (whom: 'all' | ReadonlySet<string>) =>
    store.read((db) => unmanagedOf(db, { controller: 'ci', unmanaged }, whom, inOneTurn));
  assert.deepEqual(await of(new Set(['ana'])), unmanaged.slice(1));
  assert.deepEqual(await of('all'), unmanaged, 'a look at everybody knows what is stored');
});
