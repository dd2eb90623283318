import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from './open.ts';

// SQLite opens its files there without FILE_SHARE_DELETE.
const skip = process.platform === 'win32' ? 'Windows neither renames nor removes a file that is open' : false;

async function opened(
  t: TestContext,
): Promise<{ path: string; store: Store; add: (name: string) => Promise<unknown> }> {
  const path = join(temporaryFolder(t), 'x.db');
  const store = await openStore(`sqlite:${path}`, { clock: systemClock, timers: systemTimers, log: SILENT });
  t.after(() => store.close());
  const add = (name: string) => store.write(({ db }) => db.insertInto('counters').values({ name, value: 1 }).execute());
  await add('first');
  return { path, store, add };
}

test('nothing is acknowledged into a file that was taken away; it goes on when the file is back', {
  skip,
}, async (t) => {
  const { path, store, add } = await opened(t);
  renameSync(path, `${path}.away`);
  await assert.rejects(add('lost'), { code: 'STORE_FAILED', message: /the file is gone/ });
  assert.equal(existsSync(path), false);
  renameSync(`${path}.away`, path);
  await add('second');
  const rows = await store.read((db) =>
    db.selectFrom('counters').select('name').where('name', 'in', ['first', 'lost', 'second']).orderBy('name').execute(),
  );
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['first', 'second'],
  );
});

test('an empty file in its place is never used as the database', { skip }, async (t) => {
  const { path, store, add } = await opened(t);
  renameSync(path, `${path}.away`);
  writeFileSync(path, '', { mode: 0o600 });
  await assert.rejects(add('lost'), { code: 'STORE_FAILED', message: /another file has taken its place/ });
  // More readers at once than connections are open: the new ones would see the empty file.
  const counts = await Promise.allSettled(
    Array.from({ length: 8 }, () => store.read((db) => db.selectFrom('counters').selectAll().execute())),
  );
  for (const one of counts)
    if (one.status === 'fulfilled') assert.ok(one.value.some(({ name }) => name === 'first'));
    else assert.equal((one.reason as { code: string }).code, 'STORE_FAILED');
});

for (const suffix of ['-wal', '-shm'])
  test(`nothing is acknowledged once the ${suffix} was taken away; what was before is there after a restart`, {
    skip,
  }, async (t) => {
    const { path, store, add } = await opened(t);
    const gone = { code: 'STORE_FAILED', message: /beside it .*restart the service/ };
    rmSync(`${path}${suffix}`);
    await assert.rejects(add('lost'), gone);
    await assert.rejects(
      store.write(({ db }) => db.insertInto('counters').values({ name: 'lost', value: 1 }).execute(), { long: true }),
      gone,
    );
    writeFileSync(`${path}${suffix}`, '', { mode: 0o600 });
    await assert.rejects(add('lost'), gone, 'a new one is another one');
    await store.close();
    const again = await openStore(`sqlite:${path}`, { clock: systemClock, timers: systemTimers, log: SILENT });
    t.after(() => again.close());
    const rows = await again.read((db) =>
      db.selectFrom('counters').select('name').where('name', 'in', ['first', 'lost']).execute(),
    );
    assert.deepEqual(rows, [{ name: 'first' }]);
  });

test('it goes on after trouble with the disk where nobody else has it open: SQLite took the log away itself then', {
  skip,
}, async (t) => {
  let trouble = false;
  const refused = Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
  const observe = (statement: string): void => {
    if (trouble && /^insert/i.test(statement)) throw refused;
  };
  const path = join(temporaryFolder(t), 'x.db');
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  const store = await openStore(`sqlite:${path}`, parts, { observe });
  t.after(() => store.close());
  const add = (name: string) => store.write(({ db }) => db.insertInto('counters').values({ name, value: 1 }).execute());
  await add('first');
  trouble = true;
  await assert.rejects(add('lost'), { code: 'STORE_FAILED' });
  trouble = false;
  await add('second');
  rmSync(`${path}-wal`);
  await assert.rejects(
    add('lost'),
    { message: /beside it .*restart the service/ },
    'those of the new connection count',
  );
});

test('a folder that cannot be made is told by its path', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const url = `sqlite:${join(folder, 'file', 'x.db')}`;
  await assert.rejects(openStore(url, { clock: systemClock, timers: systemTimers, log: SILENT }), {
    code: 'STORE_FILE',
  });
});
