import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { Sparing, sparingLog } from '../../src/access/sparing.ts';

test('a few lines of one kind are all told, a flood comes down to one a second that counts the others', () => {
  let now = 5_000;
  const sparing = new Sparing({ monotonic: () => now });
  const flood = (count: number) => Array.from({ length: count }, () => sparing.next('a')).filter((told) => told);
  assert.deepEqual(flood(10), Array(10).fill({}));
  assert.deepEqual(flood(500), []);
  assert.deepEqual(sparing.next('b'), {}, 'another kind is another matter');
  now += 999;
  assert.deepEqual(flood(1), []);
  now += 1;
  assert.deepEqual(flood(100), [{ alsoBefore: 501 }]);
  now += 3_600_000;
  assert.deepEqual(flood(20), [{ alsoBefore: 99 }, ...Array(9).fill({})]);
});

test('ever new kinds take no memory without end, and none of them is passed over', () => {
  const sparing = new Sparing({ monotonic: () => 0 });
  for (let index = 0; index < 10; index++) sparing.next('first');
  assert.equal(sparing.next('first'), undefined);
  for (let index = 0; index < 999; index++) assert.deepEqual(sparing.next(`kind ${index}`), {});
  assert.deepEqual(sparing.next('kind 999'), { othersBefore: 1 });
  assert.deepEqual(sparing.next('first'), {}, 'it is forgotten');
});

test('a flood of ever new kinds comes down to ten lines a second, and says how many were left out', () => {
  let now = 0;
  const sparing = new Sparing({ monotonic: () => now });
  let kinds = 0;
  const flood = (count: number) =>
    Array.from({ length: count }, () => sparing.next(`kind ${kinds++}`)).filter((told) => told !== undefined);
  assert.equal(flood(50_000).length, 2_000);
  let lines = 0;
  let left = 0;
  for (let second = 1; second <= 60; second++) {
    now = second * 1_000;
    const told = flood(1_000);
    lines += told.length;
    for (const { othersBefore = 0 } of told) left += othersBefore;
  }
  assert.equal(lines, 600);
  assert.ok(left >= 105_000 && left <= 108_000, String(left));
});

test('a log that is told sparingly goes by what a line says, and passes on everything but warnings as it is', () => {
  const told: unknown[] = [];
  const keep = (message: string, fields?: object) => void told.push([message, fields]);
  const log = sparingLog({ ...SILENT, info: keep, warn: keep }, { monotonic: () => 0 });
  for (let index = 0; index < 30; index++) log.warn('refused', { id: index % 2 });
  assert.equal(told.length, 20);
  for (let index = 0; index < 30; index++) log.info('done');
  assert.equal(told.length, 50);
});
