import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { probeFiles } from '../../src/doctor/files.ts';
import { temporaryFolder } from '../store/open.ts';
import { HEALTHY } from './healthy.ts';

const windows = process.platform === 'win32';

test('a file that cannot be looked at ends no doctor; whoever needs it tells why', { skip: windows }, (t) => {
  const folder = temporaryFolder(t);
  const [path, database] = [join(folder, 'jenkins-scim.yaml'), join(folder, 'it.db')];
  writeFileSync(path, '', { mode: 0o600 });
  symlinkSync(database, database);
  const config = { ...HEALTHY.config, keys: join(folder, 'keys'), policy: path, database: `sqlite:${database}` };
  const purposes = probeFiles({ ...config, controllers: [] }, path).map(({ purpose }) => purpose);
  assert.deepEqual(purposes, ['configuration', 'policy']);
});

test('a group is private to the owner of a file where both have the same number', { skip: windows }, (t) => {
  const path = join(temporaryFolder(t), 'jenkins-scim.yaml');
  writeFileSync(path, '', { mode: 0o660 });
  const [probe] = probeFiles({ ...HEALTHY.config, controllers: [] }, path);
  assert.deepEqual(probe, {
    path,
    purpose: 'configuration',
    mode: 0o660 & ~process.umask(),
    privateGroup: process.getuid?.() === process.getgid?.(),
  });
});
