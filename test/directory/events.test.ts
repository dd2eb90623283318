import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { membersChanged } from '../../src/directory/groups/groupEvents.ts';

const list = (prefix: string) =>
  fc.integer({ min: 0, max: 2500 }).map((n) => Array.from({ length: n }, (_, i) => `${prefix}${i}`));

test('records of members hold everybody once, in parts of a thousand at most, numbered', () => {
  fc.assert(
    fc.property(list('a'), list('r'), fc.boolean(), (added, removed, cleared) => {
      const bodies = [...membersChanged('ops', added, removed, cleared)].map(
        (event) =>
          event.body as { added: string[]; removed: string[]; part?: number; parts?: number; cleared?: boolean },
      );
      assert.deepEqual(bodies.flatMap((body) => body.added).sort(), [...added].sort());
      assert.deepEqual(bodies.flatMap((body) => body.removed).sort(), [...removed].sort());
      assert.equal(bodies.length, Math.ceil((added.length + removed.length) / 1000));
      for (const [index, body] of bodies.entries()) {
        assert.ok(body.added.length + body.removed.length <= 1000);
        assert.equal(body.part, bodies.length > 1 ? index + 1 : undefined);
        assert.equal(body.cleared, cleared ? true : undefined);
      }
    }),
    { numRuns: 30 },
  );
});
