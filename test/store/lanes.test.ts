import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../src/cli/edge.ts';
import { takeTurns } from '../../src/store/lanes.ts';
import type { Tx } from '../../src/store/store.ts';
import { openTestStore } from './open.ts';

const BATCH = 256;

test('one write of somebody waits for the batch that runs, not for the hundreds that another keeps waiting', async (t) => {
  // A clock that stands: batches end by their number alone.
  const store = await openTestStore(t, { clock: { ...systemClock, monotonic: () => 0 } });
  const ran: string[] = [];
  const write = (name: string, lane?: string) =>
    store.write(
      async ({ db }: Tx) => {
        ran.push(name);
        await db.insertInto('expired').values({ key: name, at: 'now' }).execute();
      },
      lane === undefined ? {} : { lane },
    );
  const begun = Promise.withResolvers<void>();
  const first = store.write(async () => begun.resolve(), { lane: 'okta' });
  const flood = Array.from({ length: 3 * BATCH }, (_, n) => write(`okta ${n}`, 'okta'));
  await begun.promise;
  const one = write('entra', 'entra');
  const own = write('service');
  await Promise.all([first, one, own, ...flood]);
  assert.ok(ran.indexOf('entra') <= BATCH + 2, `behind ${ran.indexOf('entra')} writes`);
  assert.ok(ran.indexOf('service') <= BATCH + 2, `behind ${ran.indexOf('service')} writes`);
  const okta = ran.filter((name) => name.startsWith('okta'));
  assert.deepEqual(
    okta,
    okta.map((_, n) => `okta ${n}`),
  );
});

test('turns are fair, lose nothing, and keep the order of each lane', () => {
  const item = fc.record({ lane: fc.constantFrom('a', 'b', 'c'), n: fc.nat() });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), fc.integer({ min: 1, max: 70 }), (items, most) => {
      const waiting = [...items];
      const taken = takeTurns(waiting, most);
      assert.equal(taken.length, Math.min(most, items.length));
      const of = (list: typeof items, lane: string) => list.filter((one) => one.lane === lane);
      for (const lane of ['a', 'b', 'c']) {
        assert.deepEqual([...of(taken, lane), ...of(waiting, lane)], of(items, lane));
        const share = of(taken, lane).length;
        if (share < of(items, lane).length)
          for (const other of ['a', 'b', 'c']) assert.ok(of(taken, other).length <= share + 1);
      }
    }),
  );
});
