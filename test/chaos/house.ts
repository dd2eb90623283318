import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seal } from '../../src/access/canonical.ts';
import { UNMETERED } from '../../src/access/ports/meter.ts';
import { systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { SCIM_SCOPES } from '../../src/credentials/credentials.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { createFactsReader } from '../../src/directory/factsReader.ts';
import { createController } from '../../src/jenkins/controller.ts';
import { countedHttp } from '../../src/jenkins/countedHttp.ts';
import { createHttp } from '../../src/jenkins/http.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { type Practice, startPractice } from '../../src/practice/controller.ts';
import { createServer } from '../../src/server/app.ts';
import { createMeter } from '../../src/server/meter.ts';
import { scimRoutes } from '../../src/server/scim/routes.ts';
import { ClockAnchor } from '../../src/sync/clockAnchor.ts';
import type { SyncContext } from '../../src/sync/context.ts';
import { createPolicyHolder } from '../../src/sync/policySource.ts';
import { Reconciler } from '../../src/sync/reconciler.ts';
import { UsesByController } from '../../src/sync/usesByController.ts';
import { LIMITS } from '../server/scim/world.ts';
import { keepingLog, type Line } from '../server/world.ts';
import { openTestStores, temporaryFolder } from '../store/open.ts';
import { Life, mortalController, mortalStore, mortalTimers } from './mortal.ts';
import { MovableTime } from './time.ts';
import { Troubled } from './troubled.ts';

export const CONTROLLERS = ['ci', 'cd'] as const;
export const CONNECTIONS = ['okta', 'entra'] as const;
export type ControllerName = (typeof CONTROLLERS)[number];
export type ConnectionName = (typeof CONNECTIONS)[number];
export type Modes = Readonly<Record<ControllerName, 'observe' | 'enforce'>>;

/** One process of the service. */
export interface Running {
  readonly life: Life;
  readonly context: SyncContext;
  readonly reconciler: Reconciler;
}

const TOKEN = `11${'a'.repeat(32)}`;
const SERVICE = 'jenkins-scim';

/** The service as a whole: SCIM over HTTP at the front, processes that work on two controllers, and that can be killed. */
export async function openHouse(t: { after(run: () => unknown): void }, policy: string, tight: boolean) {
  const after: (() => unknown)[] = [];
  const scope = { after: (run: () => unknown) => void after.unshift(run) };
  t.after(async () => {
    for (const run of after) await run();
  });
  const folder = temporaryFolder(scope);
  const time = new MovableTime();
  scope.after(() => time.close());
  const practices = {} as Record<ControllerName, Practice>;
  const troubled = {} as Record<ControllerName, Troubled>;
  for (const name of CONTROLLERS) {
    troubled[name] = new Troubled();
    practices[name] = await startPractice({
      clock: time,
      timers: systemTimers,
      random: systemRandom,
      user: SERVICE,
      token: TOKEN,
      users: [{ id: 'admin', password: 'pw', administrator: true }],
      roles: [{ type: 'item', name: 'qa', pattern: 'qa/.*', permissions: ['hudson.model.Item.Read'], entries: [] }],
      speed: 200,
    });
    scope.after(() => practices[name].close());
  }
  const policyPath = join(folder, 'policy.yaml');
  writeFileSync(policyPath, policy, { mode: 0o600 });
  const stores = await openTestStores(scope, 3);
  const keys = parseKeyFile(newKeyFile(systemRandom.bytes));
  const lines: Line[] = [];
  const log = keepingLog(lines);
  let modes: Modes = { ci: 'enforce', cd: 'enforce' };
  let nonce = 0;
  const processes: Running[] = [];

  function contextOf(slot: number, life: Life): SyncContext {
    const store = mortalStore(stores[slot]!, life);
    const timers = mortalTimers(time, life);
    const config = configOf(folder, policyPath, practices, modes, tight);
    const ledger = createLedger({ store, keys, clock: time, random: systemRandom });
    const uses = new UsesByController(store, time);
    const controllers = new Map(
      config.controllers.map((configured) => {
        const plain = createController(configured, {
          http: countedHttp(createHttp({ timers: systemTimers }), uses.of(configured.name)),
          secret: () => TOKEN,
          clock: time,
          timers: systemTimers,
          random: systemRandom,
          log,
          timeout: 5_000,
          lineage: 'test',
        });
        scope.after(() => plain.close());
        return [configured.name, mortalController(troubled[configured.name as ControllerName].around(plain), life)];
      }),
    );
    const name = `process-${slot}-${++nonce}`;
    return {
      config,
      store,
      facts: createFactsReader(),
      recorder: ledger,
      policy: createPolicyHolder({
        path: policyPath,
        store,
        recorder: ledger,
        clock: time,
        log,
        witness: ledger.witness,
      }),
      controller: (called) => controllers.get(called)!,
      uses: (called) => uses.of(called),
      holder: { name, alive: (other) => processes.some((one) => !one.life.over && one.context.holder.name === other) },
      clock: time,
      timers,
      random: systemRandom,
      log,
      meter: UNMETERED,
      witness: ledger.witness,
      anchor: new ClockAnchor(time, log),
      markOrder: (marked) => seal(keys.ledger.mac, { purpose: 'order', ...marked }),
    };
  }

  function process(slot: number): Running {
    const life = new Life();
    const context = contextOf(slot, life);
    const reconciler = new Reconciler(context);
    const running = { life, context, reconciler };
    processes.push(running);
    reconciler.start();
    return running;
  }

  const front = stores[0]!;
  const ledger = createLedger({ store: front, keys, clock: time, random: systemRandom });
  const wake = (): void => {
    for (const { life, reconciler } of processes) if (!life.over) reconciler.wake();
  };
  const directory = createDirectory({ store: front, clock: time, random: systemRandom, recorder: ledger, wake });
  const meter = createMeter(time);
  const app = createServer({
    server: { externalUrl: 'https://scim.example.test/' },
    limits: LIMITS,
    connections: new Set<string>(CONNECTIONS),
    credentials: {
      verify: async (authorization) => ({
        id: 'cred',
        kind: 'scim' as const,
        connection: String(authorization).slice('Bearer '.length),
        scopes: [...SCIM_SCOPES],
        createdAt: '2026-11-24T08:00:00.000Z',
        expiresAt: null,
        lastUsedAt: null,
        revokedAt: null,
      }),
    },
    ready: async () => true,
    meter,
    clock: time,
    random: systemRandom,
    log,
    scim: (baseUrl) =>
      scimRoutes({
        directory,
        baseUrl,
        limits: LIMITS,
        profile: (connection) => connection as ConnectionName,
        cursorKey: new Uint8Array(32).fill(7),
        meter,
        log,
        clock: time,
        random: systemRandom,
        timers: { nextTurn: (run) => setImmediate(run) },
      }),
  });
  await app.ready();
  scope.after(() => app.close());
  scope.after(async () => {
    for (const { life, reconciler } of processes) if (!life.over) await reconciler.stop();
  });

  return {
    time,
    practices,
    troubled,
    ledger,
    keys,
    lines,
    store: front,
    config: () => configOf(folder, policyPath, practices, modes, tight),
    processes: () => processes.filter(({ life }) => !life.over),
    /** What a command works with. */
    command: (): SyncContext => contextOf(0, new Life()),
    spawn: (slot: 1 | 2): Running => process(slot),
    async stop(running: Running): Promise<void> {
      await Promise.race([running.reconciler.stop(), until(() => running.life.over)]);
      running.life.over = true;
    },
    setModes(next: Modes): void {
      modes = next;
    },
    setPolicy(text: string): void {
      writeFileSync(policyPath, text, { mode: 0o600 });
    },
    async scim(
      connection: ConnectionName,
      method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
      path: string,
      body?: unknown,
    ) {
      const response = await app.inject({
        method,
        url: `/scim/v2${path}`,
        headers: {
          authorization: `Bearer ${connection}`,
          ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      return { status: response.statusCode, body: response.body === '' ? undefined : JSON.parse(response.body) };
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemTimers.sleep(5);
}

/** Ceilings that nothing here reaches, and ceilings that everything reaches. */
const LOOSE = `guard:
  losses:
    disableUsers: { count: 10000, percent: 100, atLeast: 10000 }
    revokeGrants: { count: 10000, percent: 100, atLeast: 10000 }
    revokeAdministrators: { count: 10000 }
  gains: { administrators: { count: 10000 }, grantsPerPerson: 10000, createRoles: 10000 }
`;
const TIGHT = `guard:
  losses:
    disableUsers: { count: 1, percent: 100, atLeast: 1 }
    revokeGrants: { count: 2, percent: 100, atLeast: 2 }
    revokeAdministrators: { count: 1 }
  gains: { administrators: { count: 1 }, grantsPerPerson: 3, createRoles: 3 }
`;

function configOf(
  folder: string,
  policy: string,
  practices: Record<ControllerName, Practice>,
  modes: Modes,
  tight: boolean,
): Config {
  const controllers = CONTROLLERS.map(
    (name) => `  ${name}:
    url: ${practices[name].url}
    user: ${SERVICE}
    apiToken: { env: TOKEN }
    mode: ${modes[name]}
    breakGlass: admin
    protect: { users: ["svc-*"] }
`,
  ).join('');
  const text = `policy: ${policy}
connections:
  okta: { profile: okta }
  entra: { profile: entra }
${tight ? TIGHT : LOOSE}controllers:
${controllers}`;
  const { config, problems } = parseConfig(text, { file: 'test.yaml', folder, environment: {} });
  if (config === undefined) throw problems[0];
  return config;
}
