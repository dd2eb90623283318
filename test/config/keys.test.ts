import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { sign, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newKeyFile } from '../../src/config/keyFile.ts';
import { KEY_FILE, keysHold, loadKeys } from '../../src/config/loadKeys.ts';
import { ScimError } from '../../src/errors.ts';
import { seededRandom } from '../sim/time.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'keys-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const code = (expected: string) => (error: unknown) => error instanceof ScimError && error.code === expected;
const posix = process.platform === 'win32' ? { skip: 'no modes on Windows' } : {};

test('the first start makes the keys, later ones read the same', (t) => {
  const path = join(folder(t), 'deep', 'keys');
  const first = loadKeys(path, seededRandom(1));
  const second = loadKeys(path, seededRandom(2));
  assert.deepEqual(second.token, first.token);
  assert.deepEqual(second.ledger, first.ledger);
  assert.ok(second.heads.publicKey.equals(first.heads.publicKey));
  assert.equal(first.token.byVersion.get(first.token.current)?.length, 32);
  assert.deepEqual(readdirSync(path), [KEY_FILE]);
});

test('every key is another one', (t) => {
  const { token, ledger } = loadKeys(folder(t), seededRandom(1));
  const all = [...token.byVersion.values(), ledger.mac, ledger.personal].map((key) => Buffer.from(key).toString('hex'));
  assert.equal(new Set(all).size, 3);
});

test('file 0600, folder 0700', posix, (t) => {
  const path = join(folder(t), 'keys');
  loadKeys(path, seededRandom());
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.equal(statSync(join(path, KEY_FILE)).mode & 0o777, 0o600);
});

test('the pair signs and verifies as Ed25519', (t) => {
  const { heads } = loadKeys(folder(t), seededRandom());
  const signature = sign(null, Buffer.from('head'), heads.privateKey);
  assert.equal(heads.privateKey.asymmetricKeyType, 'ed25519');
  assert.ok(verify(null, Buffer.from('head'), heads.publicKey, signature));
  assert.ok(!verify(null, Buffer.from('tail'), heads.publicKey, signature));
});

test('a file that others can read, or a folder that others can write, is refused', posix, (t) => {
  const path = folder(t);
  loadKeys(path, seededRandom());
  for (const mode of [0o604, 0o602, 0o666]) {
    chmodSync(join(path, KEY_FILE), mode);
    assert.throws(() => loadKeys(path, seededRandom()), code('CFG_FILE_MODE'), mode.toString(8));
  }
  chmodSync(join(path, KEY_FILE), 0o600);
  chmodSync(path, 0o777);
  assert.throws(() => loadKeys(path, seededRandom()), code('CFG_FOLDER_MODE'));
});

test('a malformed file is an error that does not tell what it holds', (t) => {
  const path = folder(t);
  loadKeys(path, seededRandom());
  const file = join(path, KEY_FILE);
  const good = readFileSync(file, 'utf8');
  const document = JSON.parse(good) as { token: object; ledger: { personal: string } };
  const broken: Record<string, string> = {
    'not JSON': good.slice(0, -20),
    empty: '',
    'another format': JSON.stringify({ ...document, format: 2 }),
    'a short key': JSON.stringify({ ...document, ledger: { ...document.ledger, mac: 'c2hvcnQ=' } }),
    'no current key': JSON.stringify({ ...document, token: { ...document.token, current: 7 } }),
    'an unknown field': JSON.stringify({ ...document, extra: 1 }),
    'no head key': JSON.stringify({ ...document, heads: undefined }),
  };
  for (const [name, text] of Object.entries(broken)) {
    writeFileSync(file, text);
    assert.throws(
      () => loadKeys(path, seededRandom()),
      (error) => code('KEY_FILE')(error) && !String((error as Error).stack).includes(document.ledger.personal),
      name,
    );
    assert.equal(readFileSync(file, 'utf8'), text, 'it is left as it was');
  }
});

test('older versions of the token key stay to verify', (t) => {
  const path = folder(t);
  loadKeys(path, seededRandom());
  const file = join(path, KEY_FILE);
  const document = JSON.parse(readFileSync(file, 'utf8'));
  document.token = { current: 2, keys: { ...document.token.keys, 2: Buffer.alloc(32, 7).toString('base64') } };
  writeFileSync(file, JSON.stringify(document));
  const { token } = loadKeys(path, seededRandom());
  assert.equal(token.current, 2);
  assert.deepEqual([...token.byVersion.keys()], [1, 2]);
});

test('where keys must be there, a missing file is an error and none is made', (t) => {
  const path = folder(t);
  assert.throws(() => loadKeys(path, seededRandom(), { create: false }), code('KEY_FILE'));
  assert.deepEqual(readdirSync(path), []);
});

test(
  'the files hold the keys in use while a restart would find each of them there, and newer ones beside',
  posix,
  (t) => {
    const path = join(folder(t), 'keys');
    const keys = loadKeys(path, seededRandom());
    const file = join(path, 'keys.json');
    const text = readFileSync(file, 'utf8');
    type Document = ReturnType<typeof JSON.parse>;
    const holds = (edit: (document: Document, other: Document) => void): boolean => {
      const [document, other] = [JSON.parse(text), JSON.parse(newKeyFile(seededRandom(9).bytes))];
      edit(document, other);
      writeFileSync(file, JSON.stringify(document));
      return keysHold(path, keys);
    };
    assert.equal(
      holds(() => {}),
      true,
    );
    assert.equal(
      holds((document, other) => {
        document.token = { current: 2, keys: { ...document.token.keys, 2: other.token.keys[1] } };
      }),
      true,
    );
    const lost: ((document: Document, other: Document) => void)[] = [
      (document, other) => {
        document.heads = other.heads;
      },
      (document, other) => {
        document.ledger.mac = other.ledger.mac;
      },
      (document, other) => {
        document.ledger.personal = other.ledger.personal;
      },
      (document, other) => {
        document.token = other.token;
      },
      (document, other) => {
        document.token = { current: 2, keys: { 2: other.token.keys[1] } };
      },
    ];
    for (const edit of lost) assert.equal(holds(edit), false, String(edit));
    writeFileSync(file, text);
    chmodSync(file, 0o644);
    assert.equal(keysHold(path, keys), false);
    rmSync(file);
    assert.equal(keysHold(path, keys), false);
  },
);

test('processes that start together end up with the same keys', async (t) => {
  const path = join(folder(t), 'keys');
  const script = `
    import { createHash, randomBytes } from 'node:crypto';
    import { loadKeys } from './src/config/loadKeys.ts';
    const keys = loadKeys(process.argv[1], { bytes: (n) => new Uint8Array(randomBytes(n)) });
    process.stdout.write(createHash('sha256').update(keys.ledger.mac).digest('hex'));`;
  const seen = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      for await (const chunk of child.stdout) text += chunk;
      return text;
    }),
  );
  assert.equal(seen[0]?.length, 64);
  assert.equal(new Set(seen).size, 1);
  assert.deepEqual(readdirSync(path), [KEY_FILE]);
});
