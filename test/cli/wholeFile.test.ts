import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeWhole } from '../../src/cli/wholeFile.ts';
import { ScimError } from '../../src/errors.ts';
import { temporaryFolder } from '../store/open.ts';

const whole = new URL('../../src/cli/wholeFile.ts', import.meta.url).href;
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('a new file has its mode, one that was there keeps its own, and nothing stands beside them', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'plan.json');
  writeWhole(path, 'one', 0o600);
  assert.deepEqual([readFileSync(path, 'utf8'), modeOf(path)], ['one', '600']);
  chmodSync(path, 0o640);
  writeWhole(path, 'two', 0o600);
  assert.deepEqual([readFileSync(path, 'utf8'), modeOf(path), readdirSync(folder)], ['two', '640', ['plan.json']]);
});

test('a link stays one, and what it leads to is replaced', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'real'));
  const target = join(folder, 'real', 'x');
  const link = join(folder, 'link');
  writeFileSync(target, 'old');
  symlinkSync(target, link);
  writeWhole(link, 'new', 0o600);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readFileSync(target, 'utf8'), 'new');
});

/** One of the memory devices in a folder of its own: where a test fails, that of the machine would be a file for everybody. */
function deviceIn(folder: string, minor: 3 | 7): string | undefined {
  const path = join(folder, `device-${minor}`);
  return spawnSync('mknod', [path, 'c', '1', String(minor)]).status === 0 ? path : undefined;
}

test('a device is written as it is, and stays one', (t) => {
  const path = deviceIn(temporaryFolder(t), 3);
  if (path === undefined) return t.skip('only root makes a device');
  writeWhole(path, 'nobody reads it', 0o600);
  assert.ok(statSync(path).isCharacterDevice());
});

test('what cannot be written is told with its path, and what was there is there still', (t) => {
  const folder = temporaryFolder(t);
  const refused = (path: string, reason: RegExp): void =>
    assert.throws(
      () => writeWhole(path, 'x', 0o600),
      (error: unknown) => {
        assert.ok(error instanceof ScimError, String(error));
        assert.equal(error.code, 'CLI_FILE');
        assert.ok(error.message.startsWith(`${path} cannot be used: `), error.message);
        assert.match(error.message, reason);
        return true;
      },
    );
  refused(join(folder, 'no', 'where'), /its folder does not exist$/);
  refused(folder, /folder/);
  const full = deviceIn(folder, 7);
  if (full !== undefined) refused(full, /the disk is full/);
  const path = join(folder, 'x');
  writeFileSync(path, 'before');
  mkdirSync(`${path}.partial`);
  refused(path, /folder|EISDIR|not permitted|ERR_FS_EISDIR/);
  assert.equal(readFileSync(path, 'utf8'), 'before');
});

/** Bounds the files of a process: what goes beyond is refused in the midst of it, as by a full disk. */
const limits = spawnSync('prlimit', ['--fsize=4096', 'true']).status === 0;

test('a file that is refused in the midst of it is not there, and one that was keeps what it had', {
  skip: limits ? false : 'no limit of files can be set here',
}, (t) => {
  const folder = temporaryFolder(t);
  const [fresh, old] = [join(folder, 'fresh'), join(folder, 'old')];
  writeFileSync(old, 'before');
  const code = `import { writeWhole } from ${JSON.stringify(whole)};
    process.on('SIGXFSZ', () => {});
    for (const path of ${JSON.stringify([fresh, old])})
      try { writeWhole(path, 'x'.repeat(100_000), 0o600); console.log('written'); }
      catch (error) { console.log(error.code, error.message); }`;
  const words = ['--fsize=4096:', process.execPath, '--input-type=module', '--eval', code];
  const { stdout } = spawnSync('prlimit', words, { encoding: 'utf8' });
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => /^CLI_FILE .*larger than may be/.test(line)),
    [true, true],
    stdout,
  );
  assert.deepEqual([readdirSync(folder), readFileSync(old, 'utf8')], [['old'], 'before']);
});
