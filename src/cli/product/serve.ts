import { keysHold } from '../../config/loadKeys.ts';
import { startSealer } from '../../ledger/sealer.ts';
import { createServer } from '../../server/app.ts';
import { listen } from '../../server/listen.ts';
import { createMeter } from '../../server/meter.ts';
import { createReadiness } from '../../server/readiness.ts';
import { scimRoutes } from '../../server/scim/routes.ts';
import { Reconciler } from '../../sync/reconciler.ts';
import { type Running, SERVE_PARTS, type ServePart } from '../engine.ts';
import type { Parts } from './parts.ts';

/** Listens and, for `sync`, reconciles until `stop`, which drains: requests first, then what is being sent to controllers, then the ledger. */
export async function serve(parts: Parts, only: readonly ServePart[] = SERVE_PARTS): Promise<Running> {
  const { config, credentials, directory, ledger, log, store } = parts;
  const { clock, random, timers } = parts.context;
  const meter = createMeter(clock);
  const context = { ...parts.context, meter };
  const app = createServer({
    server: config.server,
    limits: config.limits,
    connections: new Set(config.connections.map(({ name }) => name)),
    credentials,
    ready: createReadiness({
      store,
      keysHold: () => keysHold(config.keys, parts.keys),
      clock,
      timers,
      log,
    }),
    meter,
    clock,
    random,
    log,
    scim: (baseUrl) => {
      if (!only.includes('scim')) return async () => {};
      return scimRoutes({
        directory,
        baseUrl,
        limits: config.limits,
        profile: (connection) => config.connections.find(({ name }) => name === connection)?.profile ?? 'generic',
        log,
        meter,
      });
    },
  });
  const listening = await listen(app, config.server.listen, timers);
  const sealer = startSealer({ ledger, timers, log, onHead: (head) => meter.head(head) });
  const reconciler = only.includes('sync') ? new Reconciler(context) : undefined;
  for (const { connection, lastUsedAt } of await credentials.list())
    if (connection !== null && lastUsedAt !== null) meter.pushed(connection, Date.parse(lastUsedAt));
  parts.onCommit(() => reconciler?.wake());
  const deaf = reconciler === undefined ? undefined : store.onElsewhere(() => reconciler.hint());
  reconciler?.start();
  log.info('listening', { listen: listening.url, controllers: config.controllers.length });
  return {
    listen: listening.url,
    async stop() {
      await listening.stop();
      deaf?.();
      await reconciler?.stop();
      await sealer.stop();
    },
  };
}
