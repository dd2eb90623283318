import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './sources.ts';

interface Entry {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Entry> };
const installed = Object.entries(lock.packages).filter(
  ([path, entry]) => path.includes('node_modules/') && entry.link !== true,
);

test('every locked package has an integrity and names no registry host', () => {
  const wrong = installed.filter(
    ([, entry]) => !/^sha512-/.test(entry.integrity ?? '') || /^https?:/.test(entry.resolved ?? ''),
  );
  assert.deepEqual(
    wrong.map(([path]) => path),
    [],
  );
});

test('one Node.js version is pinned for every platform', () => {
  const runtimes = installed.filter(([path]) => /node_modules\/node-(linux|darwin|win|bin)-/.test(path));
  assert.equal(runtimes.length, 5);
  assert.deepEqual([...new Set(runtimes.map(([, entry]) => entry.version))], ['26.10.0']);
});

test('no dependency needs an install script', () => {
  assert.deepEqual(
    installed.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => path),
    [],
  );
});
