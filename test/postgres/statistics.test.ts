import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { GROWN, LOOK_EVERY, Statistics } from '../../src/store/postgres/statistics.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';
import { documented } from './documented.ts';

const skip = postgresMissing ?? false;

test('postgres: the planner knows of the rows of a new database soon, without the autovacuum of the server', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const [name] = new URL(url).pathname.split('/').slice(-1);
  let looks = 0;
  const timers = {
    ...systemTimers,
    after: (ms: number, run: () => void, how?: { keepAlive?: boolean }) => {
      if (ms === LOOK_EVERY) looks += 1;
      return systemTimers.after(ms === LOOK_EVERY ? 50 : ms, run, how);
    },
  };
  const store = await openStore(url, { clock: systemClock, timers, log: SILENT });
  t.after(() => store.close());
  await administer(name!, 'ALTER TABLE expired SET (autovacuum_enabled = off)');
  const known = async (): Promise<number> => {
    const [result] = await administer(name!, "SELECT reltuples AS n FROM pg_class WHERE relname = 'expired'");
    return Number(result?.rows[0].n);
  };
  const fill = (from: number, to: number) =>
    store.write(({ db }) =>
      sql`INSERT INTO expired (key, at) SELECT n::text, '' FROM generate_series(${from}::int, ${to}::int) AS n`.execute(
        db,
      ),
    );
  /** A server counts rows when its session comes to an end of a transaction, a second apart at least. */
  const pause = async (): Promise<void> => {
    await systemTimers.sleep(50);
    await store.write(({ db }) => sql`SELECT 1`.execute(db));
  };
  const until = async (rows: number): Promise<void> => {
    while ((await known()) !== rows) await pause();
  };
  await fill(1, 2_000);
  await until(2_000);
  // A tenth more is left to the server; what has doubled is not.
  await fill(2_001, 2_200);
  const told = async (): Promise<number> => {
    const [result] = await administer(
      name!,
      "SELECT n_mod_since_analyze AS n FROM pg_stat_user_tables WHERE relname = 'expired'",
    );
    return Number(result?.rows[0].n);
  };
  while ((await told()) < 200) await pause();
  const before = looks;
  while (looks < before + 5) await systemTimers.sleep(20);
  assert.equal(await known(), 2_000);
  await fill(2_201, 5_000);
  await until(5_000);
});

test('postgres: a role that is not the owner asks for no table it may not have looked at, and for all with the documented right', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const database = new URL(url).pathname.slice(1);
  const store = await openStore(url, { clock: systemClock, timers: systemTimers, log: SILENT });
  await administer(database, 'ALTER TABLE expired SET (autovacuum_enabled = off)');
  await store.write(({ db }) =>
    sql`INSERT INTO expired (key, at) SELECT n::text, '' FROM generate_series(1, 2000) AS n`.execute(db),
  );
  await store.close();
  const role = `service_${database}`;
  await administer(database, ...documented('## Rights').map((line) => line.replaceAll('scim_service', role)));
  t.after(() => administer('postgres', `DROP ROLE ${role}`));
  const as = new URL(url);
  as.username = role;
  const service = new pg.Client({ connectionString: as.href });
  await service.connect();
  const grown = async (): Promise<string[]> =>
    (await service.query<{ name: string }>(GROWN)).rows.map(({ name }) => name);
  const [owner] = await administer(database, GROWN);
  assert.deepEqual(owner?.rows, [{ name: 'expired' }]);
  assert.deepEqual(await grown(), []);
  const [version] = await administer(database, "SELECT current_setting('server_version_num')::int AS number");
  if (version?.rows[0].number >= 170_000) {
    await administer(database, ...documented('## Statistics').map((line) => line.replaceAll('scim_service', role)));
    assert.deepEqual(await grown(), ['expired']);
    await service.query('ANALYZE (SKIP_LOCKED) expired');
    assert.deepEqual(await grown(), []);
  }
  await service.end();
});

/** One look after another, whenever the test says so. */
function byHand(grown: () => Promise<readonly string[]>) {
  const ran: string[] = [];
  let next: (() => void) | undefined;
  const statistics = new Statistics({
    timers: {
      after: (_, run) => {
        next = run;
        return { cancel: () => (next = undefined) };
      },
    },
    log: SILENT,
    grown,
    run: async (text) => void ran.push(text),
  });
  const look = async (): Promise<void> => {
    const run = next;
    next = undefined;
    run?.();
    while (next === undefined) await systemTimers.sleep(1);
  };
  return { statistics, ran, look, waits: () => next !== undefined };
}

test('what has grown is looked at in one statement, nothing where nothing has, and a failure is tried again', async () => {
  const answers: (readonly string[] | Error)[] = [[], ['users', '"members"'], new Error('gone'), ['claims']];
  const { statistics, ran, look, waits } = byHand(async () => {
    const answer = answers.shift()!;
    if (answer instanceof Error) throw answer;
    return answer;
  });
  for (let n = 0; n < 4; n++) await look();
  assert.deepEqual(ran, ['ANALYZE (SKIP_LOCKED) users, "members"', 'ANALYZE (SKIP_LOCKED) claims']);
  await statistics.close();
  assert.equal(waits(), false);
});
