import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { isStoreFailure, ScimError } from '../../src/errors.ts';
import { openStore, restoreStore } from '../../src/store/open.ts';
import { isSound } from '../../src/store/sqlite/logHeader.ts';
import { temporaryFolder } from './open.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT };

/** A database as `kill -9` leaves it: what was committed last is in its log alone. */
async function killed(t: TestContext) {
  const folder = temporaryFolder(t);
  const live = join(folder, 'live.db');
  const path = join(folder, 'killed.db');
  const store = await openStore(`sqlite:${live}`, parts);
  await store.write(async ({ db }) => void (await db.insertInto('expired').values({ key: 'a', at: 'now' }).execute()));
  const backup = join(folder, 'backup.db');
  await store.backup(backup);
  for (const end of ['', '-wal']) copyFileSync(`${live}${end}`, `${path}${end}`);
  await store.close();
  return { path, backup, log: readFileSync(`${path}-wal`) };
}

const keys = async (path: string): Promise<string[]> => {
  const store = await openStore(`sqlite:${path}`, parts);
  try {
    const rows = await store.read((db) => db.selectFrom('expired').select('key').execute());
    return rows.map(({ key }) => key);
  } finally {
    await store.close();
  }
};

/** Opens it; what was told of its log. */
async function opened(path: string): Promise<Record<string, unknown>[]> {
  const told: Record<string, unknown>[] = [];
  const error = (message: string, fields = {}): void => {
    if (message === 'the log of the database was damaged') told.push(fields);
  };
  await (await openStore(`sqlite:${path}`, { ...parts, log: { ...SILENT, error } })).close();
  return told;
}

test('the log that SQLite writes is sound, and each bit of its header counts', async (t) => {
  const { log } = await killed(t);
  const header = log.subarray(0, 32);
  assert.ok(isSound(header));
  for (let bit = 0; bit < 256; bit++) {
    const other = Buffer.from(header);
    other[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(isSound(other), false, `bit ${bit}`);
  }
});

test('the same words in the other order of bytes are sound, too', () => {
  const header = Buffer.alloc(32);
  const words = [0x377f0683, 3_007_000, 4096, 7, 0x12345678, 0x9abcdef0];
  for (const [at, word] of words.entries()) header.writeUInt32BE(word, at * 4);
  let [one, two] = [0, 0];
  for (let at = 0; at < 6; at += 2) {
    one = (one + words[at]! + two) >>> 0;
    two = (two + words[at + 1]! + one) >>> 0;
  }
  header.writeUInt32BE(one, 24);
  header.writeUInt32BE(two, 28);
  assert.ok(isSound(header));
  header.writeUInt32BE(0x377f0682, 0);
  assert.equal(isSound(header), false);
});

test('what was committed into a sound log is there after kill -9', async (t) => {
  const { path } = await killed(t);
  assert.deepEqual(await keys(path), ['a']);
});

test('a log with a damaged header is told and kept: SQLite takes it for an empty one without a word', async (t) => {
  const { path, log } = await killed(t);
  const original = readFileSync(path);
  for (const damage of [
    (bytes: Buffer) => bytes.fill(0xa5, 0, 32),
    (bytes: Buffer) => bytes.writeUInt8(bytes[17]! ^ 1, 17),
    (bytes: Buffer) => bytes.fill(0, 0, 16),
  ]) {
    const bytes = Buffer.from(log);
    damage(bytes);
    writeFileSync(path, original, { mode: 0o600 });
    writeFileSync(`${path}-wal`, bytes, { mode: 0o600 });
    const told = await opened(path);
    assert.equal(told.length, 1);
    const { remedy, ...fields } = told[0]!;
    assert.deepEqual(fields, { path: `${path}-wal`, kept: `${path}-wal.damaged` });
    assert.match(String(remedy), /doctor --deep/);
    assert.deepEqual(readFileSync(`${path}-wal.damaged`), bytes);
  }
  assert.deepEqual(await opened(path), [], 'the next start finds a log of its own');
  rmSync(`${path}-wal.damaged`);
  mkdirSync(`${path}-wal.damaged`);
  writeFileSync(`${path}-wal`, 'x'.repeat(100), { mode: 0o600 });
  assert.deepEqual(
    (await opened(path)).map(({ kept }) => kept),
    [null],
    'told, though it cannot be kept',
  );
});

test('no log, an empty one, a short one, one of zeros and a sound one are nothing to tell', async (t) => {
  const { path, backup, log } = await killed(t);
  for (const found of [undefined, Buffer.alloc(0), Buffer.alloc(20, 7), Buffer.alloc(40_000), log]) {
    const file = `${path}.${found?.length ?? 'none'}`;
    copyFileSync(found === log ? path : backup, file);
    if (found !== undefined) writeFileSync(`${file}-wal`, found, { mode: 0o600 });
    assert.deepEqual(await opened(file), [], String(found?.length));
    assert.equal(existsSync(`${file}-wal.damaged`), false);
    assert.deepEqual(await keys(file), ['a'], String(found?.length));
  }
});

test('a page of the database that is garbage is an error that names the way out, and nothing is served', async (t) => {
  const { backup, path } = await killed(t);
  const bytes = readFileSync(backup);
  for (const at of [0, 4096]) {
    const damaged = Buffer.from(bytes);
    damaged.fill(0xa5, at, at + 4096);
    writeFileSync(path, damaged, { mode: 0o600 });
    rmSync(`${path}-wal`, { force: true });
    await assert.rejects(openStore(`sqlite:${path}`, parts), (error: unknown) => {
      assert.ok(error instanceof ScimError && isStoreFailure(error), String(error));
      assert.deepEqual([error.code, error.status], ['STORE_DAMAGED', 503]);
      assert.match(error.remedy, /db restore BACKUP/);
      return true;
    });
    await restoreStore(`sqlite:${path}`, backup);
    assert.deepEqual(await keys(path), ['a']);
  }
});
