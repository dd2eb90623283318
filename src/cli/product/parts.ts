import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { seal } from '../../access/canonical.ts';
import { OPERATOR } from '../../access/operator.ts';
import type { Controller } from '../../access/ports/controller.ts';
import { type Log, SILENT } from '../../access/ports/log.ts';
import { type Meter, UNMETERED } from '../../access/ports/meter.ts';
import type { Keys } from '../../config/keys.ts';
import { loadKeys } from '../../config/loadKeys.ts';
import type { Config } from '../../config/schema.ts';
import { createCredentials } from '../../credentials/createCredentials.ts';
import type { Credentials } from '../../credentials/credentials.ts';
import { createExternalTokens } from '../../credentials/external/externalTokens.ts';
import { type UnreadIssuer, unreadIssuers } from '../../credentials/external/keySet.ts';
import { type Clients, createClients } from '../../credentials/oauth/clients.ts';
import { createRotations, type Rotations } from '../../credentials/rotations.ts';
import { createDirectory } from '../../directory/createDirectory.ts';
import type { Directory } from '../../directory/directory.ts';
import { createFactsReader } from '../../directory/facts/factsReader.ts';
import { DailyWrites } from '../../directory/quotas/dailyWrites.ts';
import { DEFAULT_QUOTAS, type Quotas, quotasOf } from '../../directory/quotas/quotas.ts';
import { type UniquePaths, uniquePaths } from '../../directory/unique/uniquePaths.ts';
import { createHttp } from '../../jenkins/http.ts';
import { createLedger } from '../../ledger/createLedger.ts';
import { claimKeys, nothingSealed } from '../../ledger/keyMark.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { configuredCatalogue } from '../../scim/schemas/configured.ts';
import { isNewStore, openStore } from '../../store/open.ts';
import { createReserve, type Reserve } from '../../store/reserve.ts';
import type { Store } from '../../store/store.ts';
import { type Watched, watchedStore } from '../../store/watched.ts';
import { ClockAnchor } from '../../sync/clock/clockAnchor.ts';
import { timeOf } from '../../sync/clock/trustedTime.ts';
import { type Holder, holderName } from '../../sync/lease/lease.ts';
import { HeadOutside } from '../../sync/orders/headOutside.ts';
import { createPolicyHolder } from '../../sync/policy/policySource.ts';
import type { SyncContext } from '../../sync/state/context.ts';
import { UsesByController } from '../../sync/uses/usesByController.ts';
import { systemClock, systemDisk, systemRandom, systemTimers } from '../edge.ts';
import type { EngineOptions } from '../modules.ts';
import { openController } from './controllers.ts';
import { lastHead } from './lastHead.ts';
import { lineageOf } from './lineage.ts';
import { isAlive } from './process.ts';
import { whileItCan } from './whileItCan.ts';

/** Everything of one running process, put together over one open database. */
export interface Parts {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store & Watched;
  /** The same, not watched: for the probe of readiness, whose own failures are no news to it. */
  readonly unwatched: Store;
  /** Of the disk of an embedded database. */
  readonly reserve: Reserve;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly credentials: Credentials;
  readonly rotations: Rotations;
  readonly clients: Clients;
  /** Connections whose issuer's keys cannot be read now. */
  unreadIssuers(): Promise<readonly UnreadIssuer[]>;
  readonly directory: Directory;
  /** The day's changes of each connection, and what each may have. */
  readonly daily: DailyWrites;
  readonly quotas: (connection: string) => Quotas;
  /** Attributes of extensions whose values belong to one resource. */
  readonly unique: UniquePaths;
  readonly context: SyncContext;
  readonly headOutside: HeadOutside;
  /** Who does what is done by hand here, as the ledger says it. */
  readonly operator: string;
  /** Called after each commit that changed the directory; the reconciler listens. */
  onCommit(run: () => void): void;
  close(): Promise<void>;
}

/** How long a command waits for the lock of a service that writes very much to the same file; a request has its answer sooner. */
const COMMAND_PATIENCE_MS = 30_000;

/** Opens the database and builds what stands on it. @throws ScimError STORE_*, KEY_FILE, KEY_FOREIGN, CFG_* */
export async function openParts(
  config: Config,
  log: Log,
  options: EngineOptions & { readonly meter?: Meter } = {},
): Promise<Parts> {
  const random = systemRandom;
  const timers = systemTimers;
  const opening = { clock: systemClock, timers, log };
  const fresh = await isNewStore(config.database, opening);
  const beside = options.operator !== undefined && config.database.startsWith('sqlite:');
  // Whoever gives a command has its answer.
  const troubles = options.operator === undefined ? log : SILENT;
  const unwatched = await openStore(
    config.database,
    { ...opening, troubles },
    {
      migrate: options.migrate === true || fresh,
      ...(beside ? { patience: COMMAND_PATIENCE_MS } : {}),
    },
  );
  const { clock } = unwatched;
  const store = watchedStore(unwatched, clock);
  try {
    const keys = loadKeys(config.keys, random, { create: await store.read(nothingSealed) });
    await claimKeys({ store, keys, path: config.keys, clock });
    const ledger = createLedger({ store, keys, clock, random });
    let wake = (): void => {};
    const daily = new DailyWrites(clock);
    const allowed = new Map(config.connections.map(({ name, limits }) => [name, quotasOf(limits)]));
    const quotas = (connection: string): Quotas => allowed.get(connection) ?? DEFAULT_QUOTAS;
    const [, file] = /^sqlite:(.+)$/s.exec(config.database) ?? [];
    const folder = file === undefined ? undefined : dirname(file);
    const reserve = createReserve({ disk: systemDisk, folder, config: config.disk, clock, log });
    const { requireRoom } = reserve;
    const unique = uniquePaths(configuredCatalogue(config.extensions));
    const gates = { quotas, daily, requireRoom, unique };
    const directory = createDirectory({ store, clock, random, recorder: ledger, wake: () => wake(), ...gates });
    const http = createHttp({ timers });
    const external = createExternalTokens({ connections: config.connections, http, store, clock, log });
    const longest = config.limits.credentialLifetime;
    const anchor = new ClockAnchor(clock, log);
    const mayEnd = async (): Promise<boolean> => (await timeOf({ store, clock, anchor })).trusted;
    const sealing = { store, keys: keys.token, clock, random, recorder: ledger, log, longest, mayEnd };
    const credentials = createCredentials({ ...sealing, external });
    const controllers = new Map<string, Controller>();
    const uses = new UsesByController(store, clock);
    const holder: Holder = { name: holderName(hostname(), process.pid, random), alive: isAlive };
    const lineage = lineageOf(keys);
    const { witness } = ledger;
    const { operator, runBy } = options;
    const by = { ...(operator === undefined ? {} : { operator }), ...(runBy === undefined ? {} : { runBy }) };
    const headOutside = new HeadOutside({
      ...{ store, recorder: ledger, log, config, keys },
      ...{ outside: lastHead(config.keys), acknowledged: ledger.acknowledged },
    });
    const context: SyncContext = {
      lookBack: () => headOutside.lookBack(),
      config,
      store,
      facts: createFactsReader(),
      recorder: ledger,
      policy: createPolicyHolder({ path: config.policy, store, recorder: ledger, clock, log, witness, ...by }),
      ...by,
      controller(name) {
        const open = controllers.get(name);
        if (open !== undefined) return open;
        const configured = config.controllers.find((item) => item.name === name);
        if (configured === undefined) throw new Error(`no controller ${name}`);
        const count = operator === undefined ? uses.of(name) : whileItCan(uses.of(name));
        const opening = { timeout: config.sync.timeout, log, lineage, uses: count };
        const made = openController(configured, opening);
        controllers.set(name, made);
        return made;
      },
      uses: (name) => uses.of(name),
      holder,
      clock,
      timers,
      random,
      log,
      meter: options.meter ?? UNMETERED,
      witness,
      anchor,
      markOrder: (marked) => seal(keys.ledger.mac, { purpose: 'order', ...marked }),
      hasRoom: reserve.hasRoom,
    };
    return {
      config,
      log,
      store,
      unwatched,
      reserve,
      keys,
      ledger,
      credentials,
      rotations: createRotations(sealing),
      clients: createClients(sealing),
      unreadIssuers: () => unreadIssuers(config.connections, http),
      directory,
      daily,
      quotas,
      unique,
      context,
      headOutside,
      operator: operator ?? OPERATOR,
      onCommit(run) {
        wake = run;
      },
      async close() {
        await Promise.all([...controllers.values()].map((controller) => controller.close()));
        await http.close();
        await uses.settle();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
