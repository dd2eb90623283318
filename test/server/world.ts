import type { TestContext } from 'node:test';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Log } from '../../src/access/ports/log.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createCredentials } from '../../src/credentials/createCredentials.ts';
import { createClients } from '../../src/credentials/oauth/clients.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { identify } from '../../src/server/access.ts';
import { createServer, type ServerDeps } from '../../src/server/app.ts';
import { createMeter } from '../../src/server/meter.ts';
import { createReadiness } from '../../src/server/readiness.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** A log that keeps everything it is told. */
export function keepingLog(lines: Line[]): Log {
  const at =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void lines.push({ level, message, fields });
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), with: () => log };
  return log;
}

/** Stands where the SCIM routes are mounted: tells who the choke point let in, and fails in the ways a route can. */
const probe: FastifyPluginAsync = async (app) => {
  app.get('/Users', { config: { access: 'scim' } }, async (request) => identify(request));
  app.get('/Users/:id', { config: { access: 'scim' } }, async (request) => request.params);
  app.post('/Users', { config: { access: 'scim' } }, async (request) => request.body);
  app.get('/broken', { config: { access: 'scim' } }, async () => {
    throw new Error('a bug with details');
  });
};

/** The service over real tokens, ledger and database; time stands still. */
export async function serviceWorld(t: TestContext, options: Partial<ServerDeps> & { keysHold?: () => boolean } = {}) {
  const lines: Line[] = [];
  const log = keepingLog(lines);
  const time = new SimulatedTime();
  const store = await openTestStore(t);
  const random = seededRandom();
  const keys = parseKeyFile(newKeyFile(random.bytes));
  const ledger = createLedger({ store, keys, clock: time, random });
  const sealing = { store, keys: keys.token, clock: time, random, recorder: ledger, log };
  const credentials = createCredentials(sealing);
  const clients = createClients(sealing);
  const meter = createMeter(time);
  const keysHold = options.keysHold ?? (() => true);
  const ready = createReadiness({ store, keysHold, clock: time, timers: time, log });
  const app: FastifyInstance = createServer({
    server: { externalUrl: 'https://scim.example.test/' },
    limits: { body: 10_000 },
    connections: new Set(['okta', 'entra']),
    scim: () => probe,
    ...{ credentials, clients, ready, meter, clock: time, timers: time, random, log },
    ...options,
  });
  t.after(() => app.close());
  const token = async (order: Parameters<typeof credentials.create>[0]): Promise<{ authorization: string }> => ({
    authorization: `Bearer ${(await credentials.create(order, 'test')).token}`,
  });
  return { app, clients, credentials, ledger, lines, log, meter, random, store, time, token };
}
