import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import type { Keys } from '../../src/config/keys.ts';
import { createCredentials } from '../../src/credentials/createCredentials.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { createServer } from '../../src/server/app.ts';
import { createMeter } from '../../src/server/meter.ts';
import { createReadiness, FAILED_FOR, READY_FOR } from '../../src/server/readiness.ts';
import { scimRoutes } from '../../src/server/scim/routes.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { watchedStore } from '../../src/store/watched.ts';
import { LIMITS, P, U } from '../server/scim/world.ts';
import { keepingLog, type Line } from '../server/world.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { temporaryFolder } from '../store/open.ts';

/** The service over a database in a file or on a server: tokens, ledger, directory, SCIM, readiness. Only the log and the clock are not real. */
export interface Faulted {
  /** Of the file; empty where the database is on a server. */
  readonly path: string;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly keys: Keys;
  readonly lines: Line[];
  /** Called with each statement before it runs; what it throws counts as an error of the database. */
  readonly hook: { observe(statement: string): void };
  send(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<LightMyRequestResponse>;
  create(userName: string): Promise<LightMyRequestResponse>;
  deactivate(id: string): Promise<LightMyRequestResponse>;
  /** Status of /readyz, asked anew; `later` when what failed before is forgotten. */
  ready(when?: 'later'): Promise<number>;
  /** Names of all people; every one of them whole: with its journal row and its record, and nothing without its person. */
  wholePeople(): Promise<string[]>;
}

/** A file unless it is said otherwise. */
export interface FaultedOptions {
  /** URL of a database on a server. */
  readonly server?: string;
  /** Of what is random; two services over one database need two. */
  readonly seed?: number;
  /** Milliseconds a lock or a connection is waited for. */
  readonly patience?: number;
}

export async function faulted(t: TestContext, { server, seed, patience = 300 }: FaultedOptions = {}): Promise<Faulted> {
  const path = server === undefined ? join(temporaryFolder(t), 'x.db') : '';
  const lines: Line[] = [];
  const log = keepingLog(lines);
  const clock = new SimulatedTime();
  const random = seededRandom(seed);
  const hook = { observe: (_: string): void => {} };
  const unwatched = await openStore(
    server ?? `sqlite:${path}`,
    { clock: systemClock, timers: systemTimers, log },
    {
      patience,
      observe: (statement) => hook.observe(statement),
    },
  );
  const store = watchedStore(unwatched, clock);
  const keys = parseKeyFile(newKeyFile(random.bytes));
  const ledger = createLedger({ store, keys, clock, random });
  const credentials = createCredentials({ store, keys: keys.token, clock, random, recorder: ledger, log });
  const directory = createDirectory({ store, clock, random, recorder: ledger, wake: () => {} });
  const meter = createMeter(clock);
  const app: FastifyInstance = createServer({
    server: { externalUrl: 'https://scim.example.test/' },
    limits: LIMITS,
    connections: new Set(['okta']),
    ready: createReadiness({
      ...{ store: unwatched, failedWithin: store.failedWithin, clock, timers: clock, log },
      keysHold: () => true,
    }),
    scim: (baseUrl) =>
      scimRoutes({
        ...{ directory, baseUrl, limits: LIMITS, meter, log, clock, random },
        profile: () => 'okta',
        cursorKey: random.bytes(32),
        timers: systemTimers,
      }),
    ...{ credentials, meter, clock, timers: clock, random, log },
  });
  t.after(async () => {
    await app.close();
    await store.close();
  });
  const { token } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'test');
  const send: Faulted['send'] = (method, url, body) =>
    app.inject({
      method,
      url: `/scim/v2${url}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  return {
    ...{ path, store, ledger, keys, lines, hook, send },
    create: (userName) => send('POST', '/Users', { schemas: [U], userName, active: true }),
    deactivate: (id) =>
      send('PATCH', `/Users/${id}`, { schemas: [P], Operations: [{ op: 'replace', path: 'active', value: false }] }),
    async ready(when) {
      await clock.advance(when === 'later' ? FAILED_FOR : READY_FOR);
      return (await app.inject('/readyz')).statusCode;
    },
    wholePeople: () => wholePeople(store),
  };
}

export async function wholePeople(store: Store): Promise<string[]> {
  return store.read(async (db) => {
    const people = await db.selectFrom('users').select(['id', 'user_name']).orderBy('user_name').execute();
    const created = (rows: readonly { id: string | null }[]) => rows.map(({ id }) => id).toSorted();
    const ids = created(people);
    const journal = db.selectFrom('journal').select('subject as id').where('kind', '=', 'user.created');
    assert.deepEqual(created(await journal.execute()), ids);
    const records = db.selectFrom('ledger').select('subject_id as id').where('kind', '=', 'scim.user.created');
    assert.deepEqual(created(await records.execute()), ids);
    return people.map(({ user_name }) => user_name);
  });
}

/** Every page of a database that nobody writes, as SQLite sees it. */
export function intact(path: string): void {
  const database = new DatabaseSync(path);
  try {
    assert.deepEqual(
      database
        .prepare('PRAGMA integrity_check')
        .all()
        .map((row) => row.integrity_check),
      ['ok'],
    );
    assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), []);
  } finally {
    database.close();
  }
}
