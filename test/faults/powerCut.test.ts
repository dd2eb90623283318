import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { openStore } from '../../src/store/open.ts';
import { seededRandom } from '../sim/time.ts';
import { temporaryFolder } from '../store/open.ts';
import { intact, wholePeople } from './world.ts';

const SECTOR = 512;
const PAGE = 4096;
const WAL_HEADER = 32;
const FRAME = PAGE + 24;
const CALLER = { connection: 'okta', credential: 'c', request: 'r' };
const parts = { clock: systemClock, timers: systemTimers, log: SILENT };

/** What is in the files of a database after each acknowledged write, and who had been acknowledged by then. */
interface Moment {
  readonly database: Buffer;
  readonly log: Buffer;
  readonly acknowledged: readonly string[];
}

/** A service that creates people one after another; what its files hold is kept after each acknowledgement. */
async function recorded(t: TestContext, people: number, prepare = 0) {
  const folder = temporaryFolder(t);
  const path = join(folder, 'x.db');
  const store = await openStore(`sqlite:${path}`, parts);
  t.after(() => store.close());
  const random = seededRandom();
  const keys = parseKeyFile(newKeyFile(random.bytes));
  const ledger = createLedger({ store, keys, clock: systemClock, random });
  const directory = createDirectory({ store, clock: systemClock, random, recorder: ledger, wake: () => {} });
  const acknowledged: string[] = [];
  const moments: Moment[] = [];
  const create = async (): Promise<void> => {
    const userName = `p${String(acknowledged.length).padStart(4, '0')}`;
    await directory.createUser(CALLER, { userName, active: true });
    acknowledged.push(userName);
  };
  const keep = (): void => {
    moments.push({
      database: readFileSync(path),
      log: readFileSync(`${path}-wal`),
      acknowledged: [...acknowledged],
    });
  };
  for (let count = 0; count < prepare; count++) await create();
  keep();
  for (let count = 0; count < people; count++) {
    await create();
    if (count % 3 === 0) await ledger.seal();
    keep();
  }
  let copies = 0;
  return {
    ...{ moments, path, create, keep },
    /** Starts a new process's store over what the disk held at the moment of the cut. */
    async afterCut(database: Buffer, log: Buffer, acknowledgedThen: readonly string[], possible: readonly string[]) {
      const copy = join(folder, `cut${copies++}.db`);
      writeFileSync(copy, database, { mode: 0o600 });
      writeFileSync(`${copy}-wal`, log, { mode: 0o600 });
      const again = await openStore(`sqlite:${copy}`, parts);
      try {
        const names = await wholePeople(again);
        const missing = acknowledgedThen.filter((name) => !names.includes(name));
        assert.deepEqual(missing, [], 'what was acknowledged before the cut is there');
        assert.deepEqual(names, possible.slice(0, names.length), 'nobody else is, and nobody was left out between');
        const reopened = createLedger({ store: again, keys, clock: systemClock, random });
        await reopened.verify(undefined);
      } finally {
        await again.close();
      }
      intact(copy);
    },
  };
}

test('a power cut at every frame of the log, and in the middle of each: what was acknowledged is there, whole', async (t) => {
  const world = await recorded(t, 3);
  const last = world.moments.at(-1)!;
  const ends = new Set<number>();
  for (let end = WAL_HEADER; end <= last.log.length; end += FRAME) {
    ends.add(end);
    ends.add(Math.min(last.log.length, end + 24));
    ends.add(Math.min(last.log.length, end + FRAME / 2));
  }
  let tried = 0;
  for (const end of ends) {
    const before = world.moments.filter(({ log }) => log.length <= end).at(-1);
    await world.afterCut(last.database, last.log.subarray(0, end), before?.acknowledged ?? [], last.acknowledged);
    tried += 1;
  }
  assert.ok(tried > 20, `${tried} cuts`);
});

test('a power cut while a commit is under way: any of its sectors may be on the disk, or half of one, or garbage', async (t) => {
  const world = await recorded(t, 10);
  const random = seededRandom(5);
  for (const [index, next] of world.moments.entries()) {
    const before = world.moments[index - 1];
    if (before === undefined || next.log.length < before.log.length) continue;
    for (let round = 0; round < 6; round++) {
      const log = Buffer.alloc(next.log.length, round % 2 === 0 ? 0 : 0x5a);
      before.log.copy(log);
      for (let at = 0; at < next.log.length; at += SECTOR) {
        const [coin = 0, cut = 0] = random.bytes(2);
        const length = coin < 20 ? cut * 2 : SECTOR;
        if (coin < 150) next.log.copy(log, at, at, Math.min(next.log.length, at + length));
      }
      await world.afterCut(next.database, log, before.acknowledged, next.acknowledged);
    }
  }
});

test('a power cut while the log is copied into the file: any of its pages may be there, old, new or torn', async (t) => {
  const world = await recorded(t, 6, 30);
  const before = world.moments.at(-1)!;
  copyFileSync(world.path, `${world.path}.copied`);
  copyFileSync(`${world.path}-wal`, `${world.path}.copied-wal`);
  const other = new DatabaseSync(`${world.path}.copied`);
  other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  other.close();
  const after = readFileSync(`${world.path}.copied`);
  assert.notDeepEqual(after, before.database);
  const random = seededRandom(9);
  for (let round = 0; round < 25; round++) {
    const database = Buffer.alloc(Math.max(after.length, before.database.length));
    before.database.copy(database);
    for (let at = 0; at < after.length; at += SECTOR)
      if ((random.bytes(1)[0] ?? 0) < 128) after.copy(database, at, at, at + SECTOR);
    await world.afterCut(database, before.log, before.acknowledged, before.acknowledged);
  }
});

test('a power cut after the log began anew: what is left of the old one behind it comes back never', async (t) => {
  const world = await recorded(t, 4, 30);
  const old = readFileSync(`${world.path}-wal`);
  const other = new DatabaseSync(world.path, { timeout: 5_000 });
  other.exec('PRAGMA wal_checkpoint(RESTART)');
  other.close();
  const copied = world.moments.at(-1)!.acknowledged;
  for (let round = 0; round < 4; round++) await world.create();
  world.keep();
  const last = world.moments.at(-1)!;
  assert.ok(last.log.length >= old.length, 'the log is written over from its beginning');
  for (let third = 0; third < 24; third++) {
    const at = Math.floor((third * FRAME) / 3);
    const log = Buffer.concat([last.log.subarray(0, at), old.subarray(at)]);
    await world.afterCut(last.database, log, copied, last.acknowledged);
  }
});
