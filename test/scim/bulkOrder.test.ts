import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bulkOrder } from '../../src/scim/bulk/order.ts';
import { cpuTime } from '../sim/cpuTime.ts';

const flat = (waiting: readonly (readonly number[])[]): number[] =>
  bulkOrder(waiting).flatMap(({ members }) => members);

test('without references the order is that of the request', () => {
  assert.deepEqual(flat([[], [], [], []]), [0, 1, 2, 3]);
});

test('what refers ahead is put off, all others keep their place', () => {
  assert.deepEqual(flat([[3], [], [], []]), [1, 2, 3, 0]);
  assert.deepEqual(flat([[2], [0], [], []]), [2, 0, 1, 3]);
});

test('a circle is one unit, and so is what waits for itself', () => {
  assert.deepEqual(bulkOrder([[1], [0]]), [{ members: [0, 1], circular: true }]);
  assert.deepEqual(bulkOrder([[0], []]), [
    { members: [0], circular: true },
    { members: [1], circular: false },
  ]);
  assert.deepEqual(bulkOrder([[1], [2], [0], [1], []]), [
    { members: [0, 1, 2], circular: true },
    { members: [3], circular: false },
    { members: [4], circular: false },
  ]);
});

const graphs = fc
  .integer({ min: 1, max: 40 })
  .chain((size) =>
    fc.array(fc.array(fc.nat({ max: size - 1 }), { maxLength: 4 }), { minLength: size, maxLength: size }),
  );

test('every operation comes once, and after all that it waits for', () => {
  fc.assert(
    fc.property(graphs, (waiting) => {
      const units = bulkOrder(waiting);
      assert.deepEqual(
        units.flatMap(({ members }) => members).sort((a, b) => a - b),
        waiting.map((_, place) => place),
      );
      const place = new Map(units.flatMap(({ members }, unit) => members.map((member) => [member, unit] as const)));
      for (const [member, others] of waiting.entries())
        for (const other of others) assert.ok(place.get(other)! <= place.get(member)!, `${member} waits for ${other}`);
    }),
  );
});

test('units are circles and nothing else: each member reaches each other one', () => {
  fc.assert(
    fc.property(graphs, (waiting) => {
      const reach = (from: number): Set<number> => {
        const seen = new Set<number>();
        const open = [...waiting[from]!];
        for (let next = open.pop(); next !== undefined; next = open.pop())
          if (!seen.has(next)) {
            seen.add(next);
            open.push(...waiting[next]!);
          }
        return seen;
      };
      for (const { members, circular } of bulkOrder(waiting)) {
        assert.equal(circular, reach(members[0]!).has(members[0]!));
        for (const member of members)
          if (members.length > 1) for (const other of members) assert.ok(reach(member).has(other));
      }
    }),
  );
});

test('of two operations that wait for nothing that comes later, the earlier one is first', () => {
  fc.assert(
    fc.property(graphs, (waiting) => {
      const backwards = waiting.map((others, place) => others.filter((other) => other < place));
      assert.deepEqual(
        flat(backwards),
        backwards.map((_, place) => place),
      );
    }),
  );
});

test('a thousand operations in a chain, in one circle and fully entangled take no time', () => {
  const size = 1000;
  const places = Array.from({ length: size }, (_, place) => place);
  const before = cpuTime();
  assert.deepEqual(flat(places.map((place) => (place + 1 < size ? [place + 1] : []))), [...places].reverse());
  assert.equal(bulkOrder(places.map((place) => [(place + 1) % size])).length, 1);
  assert.equal(bulkOrder(places.map(() => places)).length, 1);
  assert.ok(cpuTime() - before < 5_000);
});
