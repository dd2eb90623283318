import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { goneSince } from '../../../src/sync/leavers/goneSince.ts';
import { openTestStore } from '../../store/open.ts';

const KINDS = ['user.created', 'user.changed', 'user.deactivated', 'user.reactivated', 'user.deleted'] as const;
type Kind = (typeof KINDS)[number];

const instant = (n: number): string => new Date(Date.UTC(2026, 10, 24, 8, n)).toISOString();

/** What is meant, said otherwise: the first departure behind the last return. */
function model(events: readonly (readonly [string, Kind])[], person: string): string | undefined {
  const own = events.map(([who, kind], n) => ({ who, kind, at: instant(n) })).filter(({ who }) => who === person);
  const back = own.findLastIndex(({ kind }) => kind === 'user.reactivated');
  const left = own.slice(back + 1).find(({ kind }) => kind === 'user.deactivated' || kind === 'user.deleted');
  return left?.at;
}

test('people are gone since the first departure after they came back last, or since an operator said so', async (t) => {
  const store = await openTestStore(t);
  const people = ['ana', 'bo', 'cy'];
  const event = fc.tuple(fc.constantFrom(...people), fc.constantFrom(...KINDS));
  let known = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 12 }),
      fc.option(fc.tuple(fc.constantFrom(...people), fc.nat({ max: 11 })), { nil: undefined }),
      async (events, order) => {
        await store.write(async ({ db }) => {
          await db.deleteFrom('journal').execute();
          await db.deleteFrom('ordered_leavers').execute();
          const rows = events.map(([subject, kind], n) => ({
            ...{ at: instant(n), connection: 'okta', request: `r${n}`, credential: 'c', kind, subject, detail: '{}' },
          }));
          if (rows.length > 0) await db.insertInto('journal').values(rows).execute();
          if (order !== undefined)
            await db
              .insertInto('ordered_leavers')
              .values({ person: order[0], at: instant(order[1]) })
              .execute();
        });
        const found = await store.read((db) => goneSince(db, ['ana', 'bo', 'ana', 'nobody']));
        for (const person of ['ana', 'bo']) {
          const said = [model(events, person), order?.[0] === person ? instant(order[1]) : undefined];
          const first = said.filter((at) => at !== undefined).sort()[0];
          assert.equal(found.get(person), first);
          if (first !== undefined) known += 1;
        }
        assert.ok(!found.has('cy') && !found.has('nobody'), 'nobody is told of who was not asked about');
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(known > 0);
});
