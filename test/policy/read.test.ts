import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readPolicy } from '../../src/policy/read.ts';

const windows = process.platform === 'win32';

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'policy-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(root, path), text, { mode: 0o600 });
  }
  return root;
}

const refused = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

test('a file is read under its own name, whatever folder it is in', (t) => {
  const root = folder(t, { 'policy.yaml': 'version: 1\n' });
  assert.deepEqual(readPolicy(join(root, 'policy.yaml')), [{ path: 'policy.yaml', text: 'version: 1\n' }]);
});

test('of a folder all YAML files are read, in order; tests, hidden and other files are not', (t) => {
  const root = folder(t, {
    'b.yml': 'b',
    'a.yaml': 'a',
    'sub/c.yaml': 'c',
    'policy.test.yaml': 'x',
    '.git/d.yaml': 'x',
    'README.md': 'x',
  });
  assert.deepEqual(
    readPolicy(root).map(({ path }) => path),
    ['a.yaml', 'b.yml', 'sub/c.yaml'],
  );
});

test('what is not there is refused, an empty folder too', (t) => {
  const root = folder(t, {});
  assert.throws(() => readPolicy(join(root, 'no.yaml')), refused('POL_NOT_FOUND'));
  assert.throws(() => readPolicy(root), refused('POL_NOT_FOUND'));
});

test('what the system does not let be read is refused with its reason', { skip: windows }, (t) => {
  const root = folder(t, {});
  const path = join(root, 'policy.yaml');
  symlinkSync(path, path);
  assert.throws(
    () => readPolicy(path),
    (error: Error) =>
      refused('POL_UNREADABLE')(error) && /policy\.yaml cannot be read: links that go/.test(error.message),
  );
});

test('a link that leaves the folder is refused, one that stays is followed', { skip: windows }, (t) => {
  const outside = folder(t, { 'evil.yaml': 'x' });
  const root = folder(t, { 'a.yaml': 'a' });
  symlinkSync(join(root, 'a.yaml'), join(root, 'b.yaml'));
  assert.equal(readPolicy(root).length, 2);
  symlinkSync(join(outside, 'evil.yaml'), join(root, 'c.yaml'));
  assert.throws(() => readPolicy(root), refused('POL_LINK'));
});

test('a folder that is a link out is refused, one that stays is not read twice', { skip: windows }, (t) => {
  const outside = folder(t, { 'evil.yaml': 'x' });
  const root = folder(t, { 'a.yaml': 'a', 'sub/b.yaml': 'b' });
  symlinkSync(join(root, 'sub'), join(root, 'again'));
  assert.deepEqual(
    readPolicy(root).map(({ path }) => path),
    ['a.yaml', 'sub/b.yaml'],
  );
  symlinkSync(outside, join(root, 'out'));
  assert.throws(() => readPolicy(root), refused('POL_LINK'));
});

test('a linked folder is read where what it leads to is hidden, as Kubernetes mounts one', { skip: windows }, (t) => {
  const root = folder(t, { '..2026_11_28/teams/b.yaml': 'b', '..2026_11_28/a.yaml': 'a' });
  symlinkSync('..2026_11_28', join(root, '..data'));
  symlinkSync(join('..data', 'a.yaml'), join(root, 'a.yaml'));
  symlinkSync(join('..data', 'teams'), join(root, 'teams'));
  assert.deepEqual(readPolicy(root), [
    { path: 'a.yaml', text: 'a' },
    { path: 'teams/b.yaml', text: 'b' },
  ]);
});

test('a folder that is nested too deep to be read is refused, not left out', (t) => {
  const deepest = folder(t, { '1/2/3/4/5/a.yaml': 'a' });
  assert.deepEqual(
    readPolicy(deepest).map(({ path }) => path),
    ['1/2/3/4/5/a.yaml'],
  );
  const deeper = folder(t, { 'a.yaml': 'a', '1/2/3/4/5/6/b.yaml': 'b' });
  assert.throws(() => readPolicy(deeper), refused('POL_TOO_DEEP'));
});

test('a folder that is nested deeper and holds no policy does no harm', (t) => {
  const root = folder(t, { 'a.yaml': 'a', '1/2/3/4/5/6/7/notes.md': 'n', '1/2/3/4/5/6/8/b.test.yaml': 'b' });
  assert.deepEqual(
    readPolicy(root).map(({ path }) => path),
    ['a.yaml'],
  );
});

test('links from folder to folder do not make a small folder endless', { skip: windows }, (t) => {
  const root = folder(t, { 'a.yaml': 'a', '.1/a.yaml': 'a', '.2/a.yaml': 'a', '.3/a.yaml': 'a', '.4/a.yaml': 'a' });
  for (const [at, to] of ['.1', '.2', '.3', '.4'].entries())
    for (let link = 0; link < 20; link++)
      symlinkSync(join(root, to), join(root, at === 0 ? '' : `.${at}`, `to${link}`));
  assert.throws(() => readPolicy(root), refused('POL_TOO_MANY'));
});

test('files and folders that others can write are refused', { skip: windows }, (t) => {
  const root = folder(t, { 'a.yaml': 'a' });
  chmodSync(join(root, 'a.yaml'), 0o666);
  assert.throws(() => readPolicy(join(root, 'a.yaml')), refused('CFG_FILE_MODE'));
  assert.throws(() => readPolicy(root), refused('CFG_FILE_MODE'));
  chmodSync(join(root, 'a.yaml'), 0o600);
  chmodSync(root, 0o777);
  assert.throws(
    () => readPolicy(root),
    (error: { code?: string; remedy?: string }) =>
      error.code === 'CFG_FOLDER_MODE' && error.remedy === `chmod go-w ${root}`,
    'whoever reads it by its group goes on to',
  );
});

test('more than 1 MB is not read', (t) => {
  const root = folder(t, { 'a.yaml': `# ${'x'.repeat(1_048_576)}` });
  assert.throws(() => readPolicy(root), refused('POL_TOO_LARGE'));
});

test('a policy that is not there has a remedy for a path that was given, too', (t) => {
  const root = folder(t, {});
  assert.throws(
    () => readPolicy(join(root, 'no.yaml')),
    (error) => refused('POL_NOT_FOUND')(error) && /^Look at the path/.test((error as { remedy: string }).remedy),
  );
});
