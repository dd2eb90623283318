import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import type { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { Home } from '../../src/store/postgres/home.ts';
import type { Fate } from '../../src/store/postgres/transaction.ts';
import { Writer } from '../../src/store/postgres/writer.ts';
import type { Tables } from '../../src/store/tables.ts';

const HOME = 7;

function writerOver(open: () => Promise<PostgresConnection>, patience: number): Writer<Tables> {
  return new Writer<Tables>({
    ...{ open, log: SILENT, troubles: SILENT, clock: systemClock, timers: systemTimers, patience },
    ...{ home: new Home({ known: HOME, look: async () => HOME }), onTime: () => {}, beginning: () => undefined },
    process: 'own',
  });
}

/** What a writer needs of a connection; it does nothing. */
const IDLE = {
  ended: false,
  lost: new Promise<never>(() => {}),
  onLost: () => () => {},
  part: () => {},
  takeChanged: () => false,
  executeQuery: async () => ({ rows: [] }),
  script: async (): Promise<unknown[]> => [],
  close: async () => {},
  drop: () => {},
};
const BEGUN = { rows: [{ id: 1, now: 0, up: 'up', home: HOME }] };

/** A server that loses the connection with the commit, and says of it what it is told to, the last of it from then on. */
function server(fates: readonly (Fate | null)[], patience: number) {
  const asked: string[] = [];
  const open = async (): Promise<PostgresConnection> => {
    const connection = {
      ...IDLE,
      run: async (sql: string) => {
        if (sql !== 'COMMIT') return BEGUN;
        connection.ended = true;
        throw new Error('connection terminated');
      },
      script: async (sql: string) => {
        if (!sql.includes('txid_status')) return [];
        asked.push(sql);
        return [{ rows: [{ fate: fates[Math.min(asked.length, fates.length) - 1] }] }];
      },
    };
    return connection as unknown as PostgresConnection;
  };
  const writer = writerOver(open, patience);
  return { write: () => writer.write(async () => 'done'), asked };
}

test('what became of a commit is asked until the server knows: it was acknowledged only then', async () => {
  const { write, asked } = server(['in progress', 'in progress', 'committed'], 5_000);
  assert.equal(await write(), 'done');
  assert.equal(asked.length, 3);
});

test('a commit that the server did not make is refused as one that is not there', async () => {
  const { write } = server(['in progress', 'aborted'], 5_000);
  await assert.rejects(write(), { code: 'STORE_FAILED' });
});

test('where the server cannot say what became of a commit, or not in time, nobody is told that it is not there', async () => {
  for (const fates of [[null], ['in progress']] as const) {
    const { write, asked } = server(fates, 100);
    await assert.rejects(write(), { code: 'STORE_UNKNOWN' });
    assert.equal(asked.length > 1, fates[0] === 'in progress', String(asked.length));
  }
});

test('a connection to a server that takes no writes any more is closed, and the next write looks for one that does', async () => {
  const closed: number[] = [];
  let opened = 0;
  const open = async (): Promise<PostgresConnection> => {
    const number = ++opened;
    const standby = Object.assign(new Error('cannot execute INSERT in a read-only transaction'), {
      ...{ code: '25006', severity: 'ERROR' },
    });
    const connection = {
      ...IDLE,
      executeQuery: async () => (number === 1 ? Promise.reject(standby) : { rows: [], numAffectedRows: 1n }),
      run: async () => ({ ...BEGUN, command: 'COMMIT' }),
      close: async () => void closed.push(number),
    };
    return connection as unknown as PostgresConnection;
  };
  const writer = writerOver(open, 5_000);
  const write = () => writer.write(({ db }) => db.insertInto('expired').values({ key: 'a', at: 'now' }).execute());
  await assert.rejects(write(), { code: 'STORE_FAILED', message: /takes no writes/ });
  assert.deepEqual(closed, [1]);
  await write();
  await write();
  assert.equal(opened, 2);
});
