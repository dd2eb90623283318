import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bound, CURSOR_SECONDS, openCursor, type Progress, sealCursor } from '../../src/scim/cursor/cursor.ts';
import { seededRandom } from '../sim/time.ts';

const key = new Uint8Array(32).fill(1);
const random = seededRandom(1);
const BOUND: Bound = {
  connection: 'okta',
  credential: 'token-1',
  types: ['User'],
  search: { filter: 'active eq true', sortBy: 'title', sortOrder: 'ascending' },
};
const PROGRESS: Progress = {
  places: { User: { key: 'k', createdAt: '2026-01-01T00:00:00.000Z', id: 'x' } },
  done: [],
  total: 3,
  count: 2,
};

test('what is sealed is opened, by the same asker for the same thing only', () => {
  const cursor = sealCursor(PROGRESS, BOUND, { key, random, now: 1000 });
  assert.deepEqual(openCursor(cursor, BOUND, { key, now: 1000 }), PROGRESS);
  const { search } = BOUND;
  for (const other of [
    { ...BOUND, connection: 'entra' },
    { ...BOUND, credential: 'token-2' },
    { ...BOUND, types: ['Group'] },
    { ...BOUND, types: ['User', 'Group'] },
    { ...BOUND, search: { sortBy: 'title', sortOrder: 'ascending' } },
    { ...BOUND, search: { ...search, filter: 'active eq false' } },
    { ...BOUND, search: { ...search, sortBy: 'userName' } },
    { ...BOUND, search: { ...search, sortOrder: 'descending' } },
  ] as const)
    assert.throws(() => openCursor(cursor, other, { key, now: 1000 }), { code: 'SCIM_CURSOR' });
  assert.throws(() => openCursor(cursor, BOUND, { key: new Uint8Array(32), now: 1000 }), { code: 'SCIM_CURSOR' });
});

test('its time is counted from its page', () => {
  const cursor = sealCursor(PROGRESS, BOUND, { key, random, now: 1000 });
  const end = 1000 + CURSOR_SECONDS * 1000;
  assert.deepEqual(openCursor(cursor, BOUND, { key, now: end }), PROGRESS);
  assert.throws(() => openCursor(cursor, BOUND, { key, now: end + 1 }), { code: 'SCIM_CURSOR_EXPIRED' });
});

test('no text but a sealed one is opened, whatever it is, and nothing but a refusal comes of it', () => {
  const cursor = sealCursor(PROGRESS, BOUND, { key, random, now: 0 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.base64String(),
        fc
          .nat(cursor.length - 1)
          .map((at) => `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`),
      ),
      (text) => {
        // The last character of Base64 has bits that no byte has.
        if (Buffer.from(text, 'base64url').equals(Buffer.from(cursor, 'base64url'))) return;
        assert.throws(() => openCursor(text, BOUND, { key, now: 0 }), { code: 'SCIM_CURSOR' });
      },
    ),
  );
});

test('two cursors of one place are unlike', () => {
  const seal = () => sealCursor(PROGRESS, BOUND, { key, random, now: 0 });
  assert.notEqual(seal(), seal());
});

test('the longest place fits into a URL', () => {
  const place = { key: '\u{10ffff}'.repeat(200), createdAt: '2026-01-01T00:00:00.000Z', id: 'i'.repeat(36) };
  const cursor = sealCursor({ ...PROGRESS, places: { User: place, Group: place } }, BOUND, { key, random, now: 0 });
  assert.ok(cursor.length < 4096, String(cursor.length));
  assert.equal(openCursor(cursor, BOUND, { key, now: 0 }).places.User?.key, place.key);
});
