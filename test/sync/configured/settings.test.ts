import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical } from '../../../src/access/canonical.ts';
import { settingsOf } from '../../../src/sync/configured/settings.ts';

test('what differs is told by path, with what was and what is', () => {
  const before = { losses: { window: 60, revokeGrants: { count: 500, percent: 20 } }, users: ['admin'] };
  const after = { losses: { window: 60, revokeGrants: { count: 9, percent: 20 } }, users: ['admin', 'svc-*'] };
  assert.deepEqual(settingsOf(before, after), [
    { setting: 'losses.revokeGrants.count', before: 500, after: 9 },
    { setting: 'users', before: ['admin'], after: ['admin', 'svc-*'] },
  ]);
  assert.deepEqual(settingsOf(undefined, { a: 1 }), [{ setting: 'a', after: 1 }]);
  assert.deepEqual(settingsOf({ a: 1, gone: null }, { a: 1 }), [{ setting: 'gone', before: null }]);
  assert.deepEqual(settingsOf(before, structuredClone(before)), []);
});

const leaf = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.string(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
);
const key = fc.stringMatching(/^[a-c]$/);
const section = fc.letrec<{ node: object }>((tie) => ({
  node: fc.dictionary(key, fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('node')), { minKeys: 1 }),
})).node;

test('the settings of before with what is told give exactly the settings of after', () => {
  fc.assert(
    fc.property(section, section, (before, after) => {
      const told = settingsOf(before, after);
      const wanted = new Map(settingsOf(undefined, after).map(({ setting, after: value }) => [setting, value]));
      const now = new Map(settingsOf(undefined, before).map(({ setting, after: value }) => [setting, value]));
      for (const change of told) {
        if ('before' in change) assert.equal(canonical(now.get(change.setting)), canonical(change.before));
        else assert.ok(!now.has(change.setting));
        if ('after' in change) now.set(change.setting, change.after);
        else now.delete(change.setting);
      }
      assert.deepEqual(now, new Map([...wanted]));
      assert.deepEqual(
        told.map(({ setting }) => setting),
        told.map(({ setting }) => setting).toSorted(),
      );
    }),
  );
});
