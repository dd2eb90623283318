import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from './check.ts';
import { EXCEPTIONS, type Exception } from './exceptions.ts';
import { judge } from './judge.ts';

const check = (name: string, outcome: Check['outcome'], reason = ''): Check => ({ name, outcome, reason });
const exception: Exception = { suite: 's', check: 'PATCH', reason: /got 204/, why: 'argued' };

test('a failed check is excepted for the argued reason only, in the suite it is argued for', () => {
  const found = [check('GET', 'passed'), check('PATCH', 'failed', 'Expected 200, got 204'), check('Bulk', 'skipped')];
  const { passed, failed, skipped, excepted, unused } = judge('s', found, [exception]);
  assert.deepEqual([passed.length, failed.length, skipped.length, excepted.length, unused.length], [1, 0, 1, 1, 0]);
  assert.equal(judge('s', [check('PATCH', 'failed', 'got 500')], [exception]).failed.length, 1);
  assert.equal(judge('other', found, [exception]).failed.length, 1);
  assert.equal(judge('other', found, [exception]).unused.length, 0);
});

test('an exception that nothing needs is told', () => {
  assert.deepEqual(judge('s', [check('PATCH', 'passed')], [exception]).unused, [exception]);
});

test('the exceptions are few, and argued', () => {
  assert.ok(EXCEPTIONS.length <= 3);
  for (const { why, check: name } of EXCEPTIONS) assert.ok(why.length > 80, name);
});
