import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { address } from '../../src/store/postgres/address.ts';
import { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { begin, commit, tell } from '../../src/store/postgres/transaction.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';
import { startPostgres } from './server.ts';

const skip = postgresMissing ?? false;

async function connected(t: TestContext, url: string): Promise<PostgresConnection> {
  const parts = { address: address(url), observe: undefined, patience: 5_000 };
  const connection = await PostgresConnection.open(parts);
  t.after(() => connection.close());
  return connection;
}

test('postgres: who waited long for the lock of writers has time for the write itself', { skip }, async (t) => {
  const connection = await connected(t, await temporaryDatabase(t));
  await begin(connection, 1);
  const [shown] = await connection.script('SHOW lock_timeout');
  assert.equal(shown?.rows[0]?.lock_timeout, '5s');
  await commit(connection);
});

test('postgres: a commit does not wait for the hint of another one that waits for its disk', { skip }, async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  const [slow, quick, admin] = await Promise.all([0, 1, 2].map(() => connected(t, server.url)));
  await admin!.script('CREATE TABLE one (n int)');
  await admin!.script(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
  await admin!.script('SELECT pg_reload_conf()');
  // Its commit has the lock of NOTIFY and waits for a standby that never answers.
  const waits = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
  for (let hangs = false; !hangs; ) {
    // One that comes before the server has read the setting does not wait.
    let over = false;
    const ended = (): void => {
      over = true;
    };
    void slow!.script(`BEGIN; INSERT INTO one VALUES (1); NOTIFY jenkins_scim, 'slow'; COMMIT`).then(ended, ended);
    while (!over && !hangs) hangs = (await admin!.script(waits))[0]?.rows[0]?.n === 1;
  }
  await begin(quick!, 5_000);
  await quick!.script(
    `SELECT set_config('synchronous_commit', 'local', true), set_config('lock_timeout', '200', true)`,
  );
  await quick!.script('INSERT INTO one VALUES (2)');
  const committed = commit(quick!);
  tell(quick!, 'quick');
  await committed;
  assert.equal((await admin!.script('SELECT n FROM one ORDER BY n'))[0]?.rows.at(-1)?.n, 2);
});
