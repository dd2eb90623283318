import { within } from '../../access/within.ts';
import { DEFAULT_LIMITS } from '../../config/connectionLimits.ts';
import { keysHold } from '../../config/loadKeys.ts';
import { derivedKey } from '../../credentials/derivedKey.ts';
import { endOf } from '../../credentials/expiry.ts';
import { startCredentialWatch } from '../../credentials/watch.ts';
import { startQuotaWatch } from '../../directory/quotas/quotaWatch.ts';
import { fillUnique } from '../../directory/unique/fillUnique.ts';
import { isStoreFailure, ScimError } from '../../errors.ts';
import { startSealer } from '../../ledger/sealer.ts';
import { configuredCatalogue } from '../../scim/schemas/configured.ts';
import { createServer } from '../../server/app.ts';
import { listen } from '../../server/listen.ts';
import { createMeter } from '../../server/meter.ts';
import { createReadiness } from '../../server/readiness.ts';
import { scimRoutes } from '../../server/scim/routes.ts';
import { startPresence } from '../../sync/lease/presence.ts';
import { Reconciler } from '../../sync/reconciler.ts';
import { type Running, SERVE_PARTS, type ServePart } from '../engine.ts';
import { version } from '../version.ts';
import { heldByWay } from './held.ts';
import { lastHeard } from './lastHeard.ts';
import type { Parts } from './parts.ts';
import { lintPolicy } from './policy.ts';

/** The other numbers do not wait longer for what the database has to be asked for. */
const ASKED_MS = 1_000;

/** Listens and, for `sync`, reconciles until `stop`, which drains: requests first, then what is being sent to controllers, then the ledger. */
export async function serve(parts: Parts, only: readonly ServePart[] = SERVE_PARTS): Promise<Running> {
  const { config, clients, credentials, directory, headOutside, ledger, log, rotations, store } = parts;
  const { clock, random, timers } = parts.context;
  const meter = createMeter(clock);
  meter.disk(parts.reserve.room);
  meter.held(() => within(ASKED_MS, timers, heldByWay(parts)));
  // A disk that is nearly full is told at the start, not only when the first change is refused.
  parts.reserve.room();
  const context = { ...parts.context, meter };
  const app = createServer({
    server: config.server,
    limits: config.limits,
    connections: new Set(config.connections.map(({ name }) => name)),
    credentials,
    clients,
    ready: createReadiness({
      store: parts.unwatched,
      failedWithin: store.failedWithin,
      keysHold: () => keysHold(config.keys, parts.keys),
      clock,
      timers,
      log,
    }),
    meter,
    clock,
    random,
    log,
    timers,
    pace: (connection) => config.connections.find(({ name }) => name === connection)?.limits ?? DEFAULT_LIMITS,
    scim: (baseUrl) => {
      if (!only.includes('scim')) return async () => {};
      return scimRoutes({
        directory,
        baseUrl,
        limits: config.limits,
        profile: (connection) => config.connections.find(({ name }) => name === connection)?.profile ?? 'generic',
        catalogue: configuredCatalogue(config.extensions),
        cursorKey: derivedKey(parts.keys.token, 'scim cursor'),
        log,
        meter,
        clock,
        random,
        timers,
      });
    },
  });
  // Before the first request, and only where requests are answered.
  if (only.includes('scim')) await fillUnique({ store, unique: parts.unique, clock, log });
  await headOutside.look();
  const heard = await lastHeard(parts);
  await tellMissingPolicy(parts);
  // Nothing that can fail comes after this: what listens, and is not given back to be stopped, would keep the process.
  const listening = await listen(app, config.server.listen, timers);
  const presence = startPresence(context);
  const sealed = {
    async seal() {
      if (ledger.acknowledged.isUnseen) await headOutside.lookBack();
      return ledger.seal();
    },
    async signHead() {
      await headOutside.look();
      return ledger.signHead();
    },
  };
  const sealer = startSealer({
    ...{ ledger: sealed, clock, timers, log },
    onHead(head) {
      meter.head(head);
      headOutside.keep(head);
    },
  });
  const watch = startCredentialWatch({
    ...{ credentials, rotations, timers, clock, log },
    onLook: (live) =>
      meter.credentials(
        live
          .map((token) => ({ id: token.id, kind: token.kind, connection: token.connection, endsAt: endOf(token) }))
          .filter(({ endsAt }) => Number.isFinite(endsAt)),
      ),
  });
  const quotaWatch = startQuotaWatch({
    ...{ store, daily: parts.daily, quotas: parts.quotas, timers, log },
    connections: config.connections.map(({ name }) => name),
    onLook: (usage) => meter.quotas(usage),
  });
  const reconciler = only.includes('sync') ? new Reconciler(context) : undefined;
  for (const [connection, at] of heard) meter.pushed(connection, at);
  parts.onCommit(() => reconciler?.wake());
  const deaf = reconciler === undefined ? undefined : store.onElsewhere(() => reconciler.hint());
  reconciler?.start();
  if (config.connections.length === 0) log.warn('no connection is configured: nothing can be pushed');
  if (config.controllers.length === 0)
    log.warn('no controller is configured: pushes are stored, and nothing else happens');
  log.info('listening', {
    ...{ listen: listening.url, controllers: config.controllers.length },
    ...{ version: version(), runtime: process.version },
  });
  return {
    listen: listening.url,
    async stop() {
      await listening.stop();
      deaf?.();
      await reconciler?.stop();
      await watch.stop();
      await quotaWatch.stop();
      await sealer.stop();
      await presence.stop();
    },
  };
}

/** Without any good policy nothing is given or taken, and pushes are stored all the same: said once, with what to mend. */
async function tellMissingPolicy({ config, context, log }: Parts): Promise<void> {
  try {
    await context.policy.current();
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    // A database that is just away ends by itself, and whoever needs it tells.
    if (isStoreFailure(error)) return;
    const { code, message, remedy } = error;
    log.error('no policy is in force: nothing is given or taken until it is mended', { code, message, remedy });
    if (code !== 'POL_INVALID') return;
    for (const { file, line, finding } of (await lintPolicy(config.policy)).findings)
      log.error('an error of the policy', { file, line, finding });
  }
}
