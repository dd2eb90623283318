import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OKTA, openBench } from './open.ts';

test('smoke', async (t) => {
  const b = await openBench(t);
  const ana = await b.user('Ana', { emails: [{ value: 'a@x', primary: true }] });
  const g = await b.group('G', [ana]);
  const outer = await b.group('Outer', [g]);
  assert.deepEqual((await b.directory.user('okta', ana, true)).groups, [
    { value: g, display: 'G', type: 'direct' },
    { value: outer, display: 'Outer', type: 'indirect' },
  ]);
  assert.deepEqual((await b.directory.group('okta', g, true)).members, [{ value: ana, type: 'User', display: 'Ana' }]);
  await b.directory.deleteGroup(OKTA, g);
  await b.directory.deleteUser(OKTA, ana);
  await assert.rejects(b.directory.user('okta', ana, false), { code: 'SCIM_NOT_FOUND' });
});
