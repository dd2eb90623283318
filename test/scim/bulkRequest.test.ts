import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isBroken, readBulkRequest } from '../../src/scim/bulk/request.ts';
import { LARGE } from '../../src/scim/largeJson.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import { STANDARD } from '../../src/scim/schemas/catalogue.ts';
import { BULK_REQUEST } from '../../src/scim/urns.ts';

const dialect = { ...DIALECTS.rfc, catalogue: STANDARD, note: () => {} };

/** Reads a Bulk whose data are these texts; the most characters that were parsed between two pauses. */
async function read(t: TestContext, texts: readonly string[], deepest = 32) {
  let parsed = 0;
  let most = 0;
  const { parse } = JSON;
  const counting = t.mock.method(JSON, 'parse', (text: string) => {
    parsed += text.length;
    most = Math.max(most, parsed);
    return parse(text);
  });
  const Operations = texts.map((data, at) => ({ method: 'POST', path: '/Users', bulkId: `b${at}`, data }));
  const pause = async (): Promise<void> => {
    parsed = 0;
  };
  const { entries } = await readBulkRequest({ schemas: [BULK_REQUEST], Operations }, dialect, { deepest, pause });
  counting.mock.restore();
  return { entries, most };
}

const members = (count: number): string =>
  JSON.stringify({ displayName: 'x', members: Array.from({ length: count }, (_, n) => ({ value: `id-${n}` })) });

test('data in a text is parsed in parts, whether one is very large or many are large together', async (t) => {
  const large = members(200_000);
  assert.ok(large.length > 3 * LARGE);
  const one = await read(t, [large]);
  assert.ok(one.most <= LARGE / 2, `${one.most} characters in one go`);
  assert.deepEqual(one.entries[0], {
    ...{ method: 'POST', type: 'User', bulkId: 'b0' },
    data: JSON.parse(large),
  });
  const small = members(2_000);
  const many = await read(t, Array(100).fill(small));
  assert.ok(small.length * 100 > 3 * LARGE);
  assert.ok(many.most <= LARGE / 2, `${many.most} characters in one go`);
});

test('a text that is nested too deep, or no JSON, is the error of its operation alone, however large', async (t) => {
  const deep = `{"a":${'['.repeat(40)}${']'.repeat(40)}}`;
  const padding = ' '.repeat(LARGE);
  const { entries } = await read(t, [deep, deep + padding, '{', `{${padding}`, '{"userName":"ana"}']);
  assert.deepEqual(
    entries.map((entry) => (isBroken(entry) ? entry.error.code : 'read')),
    ['SCIM_DEPTH', 'SCIM_DEPTH', 'SCIM_SYNTAX', 'SCIM_SYNTAX', 'read'],
  );
});

test('an operation that cannot be tried is told with what it said of itself (RFC 7644 §3.7.3)', async () => {
  const texts = { deepest: 32, pause: async () => {} };
  const wrong = async (operation: object) => {
    const { entries } = await readBulkRequest({ schemas: [BULK_REQUEST], Operations: [operation] }, dialect, texts);
    const [entry] = entries;
    assert.ok(entry !== undefined && isBroken(entry), JSON.stringify(operation));
    const { error: _, ...known } = entry;
    return known;
  };
  const bulkId = 'b1';
  assert.deepEqual(await wrong({ method: 'COPY', path: '/Users', bulkId }), { method: 'COPY', bulkId });
  assert.deepEqual(await wrong({ method: 'post', path: '/Devices', bulkId }), { method: 'POST', bulkId });
  assert.deepEqual(await wrong({ path: '/Users', bulkId }), { bulkId });
  assert.deepEqual(await wrong({ method: 7, path: '/Users', bulkId }), { bulkId });
  assert.deepEqual(await wrong({ method: 'X'.repeat(300), bulkId }), { bulkId });
  assert.deepEqual(await wrong({ method: 'POST', path: '/Users' }), { method: 'POST' });
  assert.deepEqual(await wrong({ method: 'DELETE', path: '/Users/x', bulkId: 7 }), { method: 'DELETE' });
});
