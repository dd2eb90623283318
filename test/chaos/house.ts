import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seal } from '../../src/access/canonical.ts';
import { systemRandom, systemTimers } from '../../src/cli/edge.ts';
import type { Profile } from '../../src/config/connection.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import type { Config } from '../../src/config/schema.ts';
import { createFactsReader } from '../../src/directory/facts/factsReader.ts';
import { createController } from '../../src/jenkins/controller.ts';
import { countedHttp } from '../../src/jenkins/countedHttp.ts';
import { createHttp } from '../../src/jenkins/http.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { type Practice, startPractice } from '../../src/practice/controller.ts';
import { ClockAnchor } from '../../src/sync/clock/clockAnchor.ts';
import { HeadOutside } from '../../src/sync/orders/headOutside.ts';
import { createPolicyHolder } from '../../src/sync/policy/policySource.ts';
import { Reconciler } from '../../src/sync/reconciler.ts';
import type { SyncContext } from '../../src/sync/state/context.ts';
import { UsesByController } from '../../src/sync/uses/usesByController.ts';
import { keepingLog, type Line } from '../server/world.ts';
import { temporaryFolder } from '../store/open.ts';
import { type Ceilings, type ConnectionName, configOf, type Identities, type Modes, SERVICE } from './configuration.ts';
import { CONTROLLERS, type ControllerName, each } from './controllers.ts';
import { type Answer, type Front, openFront, type Request } from './front.ts';
import { Life, mortalController, mortalStore, mortalTimers } from './mortal.ts';
import { Numbers } from './numbers.ts';
import { pushed } from './provider.ts';
import { openStores } from './stores.ts';
import { Strike } from './strike.ts';
import { MovableTime } from './time.ts';
import { Troubled } from './troubled.ts';

/** One process of the service. */
export interface Running {
  readonly life: Life;
  readonly context: SyncContext;
  readonly reconciler: Reconciler;
}

const TOKEN = `11${'a'.repeat(32)}`;

/** How a house begins. */
export interface Beginning {
  readonly policy: string;
  readonly ceilings: Ceilings;
  readonly profiles: Readonly<Record<ConnectionName, Profile>>;
  readonly identities: Identities;
  readonly say: (line: string) => void;
  /** What is to fail; absent: nothing. */
  readonly strike?: Strike;
}

/** The service as a whole: SCIM over HTTP at the front, processes that work on three controllers, and that can be killed. */
export async function openHouse(
  t: { after(run: () => unknown): void },
  { policy, profiles, say, strike = new Strike(), ...begun }: Beginning,
) {
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
    troubled[name] = new Troubled(time);
    practices[name] = await startPractice({
      clock: time,
      timers: systemTimers,
      random: systemRandom,
      user: SERVICE,
      token: TOKEN,
      users: [{ id: 'admin', password: 'pw', administrator: true }],
      roles: [{ type: 'item', name: 'qa', pattern: 'qa/.*', permissions: ['hudson.model.Item.Read'], entries: [] }],
      speed: 200,
      ...(name === 'ex' ? { userIds: 'case-sensitive' } : {}),
    });
    scope.after(() => practices[name].close());
  }
  const policyPath = join(folder, 'policy.yaml');
  writeFileSync(policyPath, policy, { mode: 0o600 });
  const keyFile = newKeyFile(systemRandom.bytes);
  const keys = parseKeyFile(keyFile);
  const { handles: stores, backups } = await openStores(scope, folder, keyFile);
  const lines: Line[] = [];
  const log = keepingLog(lines);
  let modes: Modes = each(() => 'enforce');
  let out: ReadonlySet<ControllerName> = new Set();
  let { identities, ceilings } = begun;
  let primary: ConnectionName = 'okta';
  let nonce = 0;
  let kept: string | undefined;
  const numbers = new Numbers();
  const processes: Running[] = [];

  const configured = (): Config =>
    configOf(folder, policyPath, practices, { modes, identities, ceilings, profiles, out, primary });

  /** What is kept beside the keys, and what a process was told is committed. */
  const outsideOf = (recorder: Ledger, store = stores[0]!): HeadOutside =>
    new HeadOutside({
      ...{ store, recorder, log, keys, config: configured(), acknowledged: recorder.acknowledged },
      outside: {
        read: () => kept,
        write(text) {
          kept = text;
        },
      },
    });

  function contextOf(slot: number, life: Life, strike: Strike): SyncContext {
    const store = strike.store(mortalStore(stores[slot]!, life), life, time, slot > 0);
    const timers = mortalTimers(time, life);
    const config = configured();
    const ledger = createLedger({ store, keys, clock: time, random: systemRandom });
    const uses = new UsesByController(store, time);
    const outside = outsideOf(ledger, store);
    const controllers = new Map(
      config.controllers.map((configured) => {
        const plain = createController(configured, {
          http: countedHttp(
            strike.http(createHttp({ timers: systemTimers }), life, time, slot > 0),
            uses.of(configured.name),
          ),
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
      lookBack: () => outside.lookBack(),
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
      meter: numbers.meterOf(life),
      witness: ledger.witness,
      anchor: new ClockAnchor(time, log),
      markOrder: (marked) => seal(keys.ledger.mac, { purpose: 'order', ...marked }),
    };
  }

  function process(slot: number): Running {
    const life = new Life();
    const context = contextOf(slot, life, strike);
    const reconciler = new Reconciler(context);
    const running = { life, context, reconciler };
    processes.push(running);
    reconciler.start();
    return running;
  }

  const openLedger = () => createLedger({ store: stores[0]!, keys, clock: time, random: systemRandom });
  let ledger = openLedger();
  const wake = (): void => {
    for (const { life, reconciler } of processes) if (!life.over) reconciler.wake();
  };
  const listen = (): Promise<Front> =>
    openFront({
      storeOf: (life) => strike.store(mortalStore(stores[0]!, life), life, time, false),
      keys,
      clock: time,
      log,
      wake,
      profile: (connection) => profiles[connection as ConnectionName],
    });
  let front = await listen();
  scope.after(() => front.close());
  /** The one that hears the provider; a new one where the last died. */
  async function listening(): Promise<Front> {
    if (!front.life.over) return front;
    say('  what heard the provider died, and starts again');
    front = await listen();
    return front;
  }
  scope.after(async () => {
    for (const { life } of processes) life.thaw();
    for (const { life, reconciler } of processes) if (!life.over) await reconciler.stop();
  });

  return {
    time,
    practices,
    troubled,
    get ledger() {
      return ledger;
    },
    keys,
    lines,
    numbers,
    get store() {
      return stores[0]!;
    },
    config: configured,
    backups: backups && {
      make: backups.make,
      /** Nothing runs then. */
      async putBack(file: string, copied: boolean): Promise<void> {
        await front.close();
        front.life.end();
        const head = await ledger.signHead();
        if (head !== undefined) outsideOf(ledger).keep(head);
        await backups.putBack(file, configured(), copied);
        ledger = openLedger();
        await outsideOf(ledger).look();
        front = await listen();
      },
    },
    processes: () => processes.filter(({ life }) => !life.over),
    /** What a command works with. */
    command: (): SyncContext => contextOf(0, new Life(), new Strike()),
    spawn: (slot: 1 | 2): Running => process(slot),
    async stop(running: Running): Promise<void> {
      running.life.thaw();
      await Promise.race([running.reconciler.stop(), running.life.ended]);
      running.life.end();
    },
    setModes(next: Modes): void {
      modes = next;
    },
    /** @param next controllers that are not in the file */
    setOut(next: ReadonlySet<ControllerName>): void {
      out = next;
    },
    setIdentities(next: Identities): void {
      identities = next;
    },
    setCeilings(next: Ceilings): void {
      ceilings = next;
    },
    setPrimary(next: ConnectionName): void {
      primary = next;
    },
    setPolicy(text: string): void {
      writeFileSync(policyPath, text, { mode: 0o600 });
    },
    /** Who hears the provider dies between two awaits, after so many of them. */
    endFront: (after: number): void => front.life.endAfter(after),
    loseCommit: (): void => front.loseCommit(),
    /** @param isNew whether nobody was told of a resource yet */
    scim: (request: Request, isNew: (id: string) => boolean): Promise<Answer> => pushed(request, listening, isNew),
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemTimers.sleep(5);
}
