import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reaches } from '../../../src/sync/ids/reach.ts';

test('a connection reaches the controllers that it names, all where it names none; one that is not configured reaches none', () => {
  const connections = [
    { name: 'all' },
    { name: 'some', controllers: ['build-*', 'ci'] },
    { name: 'other', controllers: ['cd'] },
    { name: 'none', controllers: [] },
  ];
  const reaching = (controller: string) =>
    ['all', 'some', 'other', 'none', 'gone'].filter(reaches({ connections } as never, controller));
  assert.deepEqual(reaching('ci'), ['all', 'some']);
  assert.deepEqual(reaching('build-1'), ['all', 'some']);
  assert.deepEqual(reaching('cd'), ['all', 'other']);
});
