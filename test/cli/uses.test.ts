import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openUses } from '../../src/cli/product/uses.ts';
import { openStore } from '../../src/store/open.ts';
import { temporaryFolder } from '../store/open.ts';

async function made(path: string): Promise<string> {
  const url = `sqlite:${path}`;
  await (await openStore(url, { clock: systemClock, timers: systemTimers, log: SILENT })).close();
  return url;
}

test('what a command asks is counted where there is a database, and settled when it is done', async (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const uses = await openUses(await made(path));
  for (let n = 0; n < 3; n++) {
    await uses!.of('ci').begin();
    uses!.of('ci').end(true);
  }
  await uses!.close();
  const db = new DatabaseSync(path);
  t.after(() => db.close());
  const row = db.prepare('SELECT begun, ended FROM token_uses').get();
  assert.deepEqual({ ...row }, { begun: 3, ended: 3 });
});

test('a command that only looks makes no database', async (t) => {
  const path = join(temporaryFolder(t), 'none.db');
  assert.equal(await openUses(`sqlite:${path}`), undefined);
  assert.ok(!existsSync(path));
});

test('where nothing can be written, a command looks at the controller all the same', async (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const uses = await openUses(await made(path));
  rmSync(path);
  const count = uses!.of('ci');
  await count.begin();
  count.end(true);
  await count.begin();
  count.end(true);
  await uses!.close();
  assert.ok(!existsSync(path));
});
