import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { seal } from '../../src/access/canonical.ts';
import type { Clock } from '../../src/access/ports/clock.ts';
import type { Controller } from '../../src/access/ports/controller.ts';
import type { Log } from '../../src/access/ports/log.ts';
import { UNMETERED } from '../../src/access/ports/meter.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config, ControllerConfig } from '../../src/config/schema.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { createFactsReader } from '../../src/directory/facts/factsReader.ts';
import { createController } from '../../src/jenkins/controller.ts';
import { countedHttp } from '../../src/jenkins/countedHttp.ts';
import { createHttp } from '../../src/jenkins/http.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { type Practice, startPractice } from '../../src/practice/controller.ts';
import type { MemberRef } from '../../src/scim/resource.ts';
import type { Store } from '../../src/store/store.ts';
import { ClockAnchor } from '../../src/sync/clock/clockAnchor.ts';
import { holderName, releaseLease, takeLease } from '../../src/sync/lease/lease.ts';
import { certificateOf, type LeaverCertificate } from '../../src/sync/leavers/certificate.ts';
import type { Order } from '../../src/sync/orders/commands.ts';
import { ask } from '../../src/sync/orders/commands.ts';
import { type Applied, execute } from '../../src/sync/orders/orders.ts';
import { assess } from '../../src/sync/pass/assess.ts';
import type { Assessment } from '../../src/sync/pass/assessment.ts';
import { createPolicyHolder } from '../../src/sync/policy/policySource.ts';
import { Reconciler } from '../../src/sync/reconciler.ts';
import type { SyncContext } from '../../src/sync/state/context.ts';
import { liveOf } from '../../src/sync/state/memory.ts';
import { UsesByController } from '../../src/sync/uses/usesByController.ts';
import { keepingLog, type Line } from '../server/world.ts';
import { openTestStore, temporaryFolder } from '../store/open.ts';

export const POLICY = `version: 1
roles:
  administrator:
    scope: global
    permissions: [Overall/Administer]
    administer: true
  browser:
    scope: global
    preset: browse
  developer:
    scope: { folder: "{team}" }
    name: "{team}-developer"
    permissions: [Job/Read, Job/Build]
captures:
  team: { matches: "[a-z][a-z0-9-]*", max: 50 }
rules:
  - id: admins
    group: jenkins-admins
    grant: administrator
  - id: everyone
    group: ci-users
    grant: browser
  - id: developers
    group: "ci-{team}-dev"
    grant: developer
`;

export const SERVICE = 'jenkins-scim';

export interface WorldOptions {
  readonly mode?: 'off' | 'observe' | 'add-only' | 'enforce';
  readonly policy?: string;
  /** YAML of more configuration, e.g. `guard:` and `leaver:`. */
  readonly more?: string;
  /** YAML of more keys of the controller, indented by four. */
  readonly controller?: string;
  /** Stands between the service and the controller: faults, delays. */
  readonly wrap?: (controller: Controller) => Controller;
  /** Stands between everything and the database: faults. */
  readonly store?: (store: Store) => Store;
  readonly start?: boolean;
  /** Whether the disk has more than its reserve. */
  readonly hasRoom?: () => boolean;
  /** Most steps of one run, for plans of several runs that are small all the same. */
  readonly largestRun?: number;
  /** Names of the controllers, each with a practice controller of its own. */
  readonly controllers?: readonly string[];
}

/** Real time that can be moved on; the wall clock and the controllers' alone, too. */
function movableTime() {
  let both = 0;
  let wall = 0;
  let controllers = 0;
  const clock: Clock = {
    now: () => systemClock.now() + both + wall,
    monotonic: () => systemClock.monotonic() + both,
  };
  const theirs: Clock = {
    now: () => systemClock.now() + both + controllers,
    monotonic: () => systemClock.monotonic() + both,
  };
  return {
    clock,
    theirs,
    /** Everybody's time goes on. */
    forward(milliseconds: number): void {
      both += milliseconds;
    },
    /** Only our wall clock is set to another time. */
    leap(milliseconds: number): void {
      wall += milliseconds;
    },
    /** Only the controllers' clocks are set to another time. */
    skew(milliseconds: number): void {
      controllers += milliseconds;
    },
  };
}

/** The whole reconciler over a real database and the practice controller; SCIM is played at the directory. */
export async function syncWorld(t: TestContext, options: WorldOptions = {}) {
  const folder = temporaryFolder(t);
  const token = `11${'a'.repeat(32)}`;
  const time = movableTime();
  const { clock } = time;
  const names = options.controllers ?? ['ci'];
  const practices = new Map<string, Practice>();
  for (const name of names) {
    const practice = await startPractice({
      clock: time.theirs,
      timers: systemTimers,
      random: systemRandom,
      user: SERVICE,
      token,
      users: [{ id: 'admin', password: 'pw', administrator: true }],
      speed: 20,
    });
    t.after(() => practice.close());
    practices.set(name, practice);
  }
  const practice = practices.get(names[0]!)!;
  const policyPath = join(folder, 'policy.yaml');
  const setPolicy = (text: string, broken = false): void => {
    const errors = parsePolicy([{ path: 'policy.yaml', text }]).findings.filter(({ level }) => level === 'error');
    if (!broken && errors.length > 0) throw new Error(`the policy of this test is broken: ${errors[0]!.finding}`);
    writeFileSync(policyPath, text, { mode: 0o600 });
    time.forward(1_001);
  };
  setPolicy(options.policy ?? POLICY);
  const config = configOf(folder, policyPath, practices, options);
  const real: Store = await openTestStore(t);
  const store = options.store?.(real) ?? real;
  const lines: Line[] = [];
  const log: Log = keepingLog(lines);
  const keys = parseKeyFile(newKeyFile(systemRandom.bytes));
  const ledger = createLedger({ store, keys, clock, random: systemRandom });
  let wake = (): void => {};
  const directory = createDirectory({
    store,
    clock,
    random: systemRandom,
    recorder: ledger,
    wake: () => wake(),
  });
  const controllers = new Map<string, Controller>();
  const uses = new UsesByController(store, clock);
  for (const configured of config.controllers) {
    const plain = createController(configured, {
      http: countedHttp(createHttp({ timers: systemTimers }), uses.of(configured.name)),
      secret: () => token,
      clock,
      timers: systemTimers,
      random: systemRandom,
      log,
      timeout: 5_000,
      lineage: 'test',
    });
    t.after(() => plain.close());
    controllers.set(configured.name, options.wrap?.(plain) ?? plain);
  }
  const context: SyncContext = {
    config,
    store,
    facts: createFactsReader(),
    recorder: ledger,
    policy: createPolicyHolder({ path: policyPath, store, recorder: ledger, clock, log, witness: ledger.witness }),
    controller: (name) => controllers.get(name)!,
    uses: (name) => uses.of(name),
    holder: { name: holderName('test', 1, systemRandom), alive: () => false },
    clock,
    timers: systemTimers,
    random: systemRandom,
    log,
    meter: UNMETERED,
    witness: ledger.witness,
    anchor: new ClockAnchor(clock, log),
    markOrder: (marked) => seal(keys.ledger.mac, { purpose: 'order', ...marked }),
    ...(options.largestRun === undefined ? {} : { largestRun: options.largestRun }),
    ...(options.hasRoom === undefined ? {} : { hasRoom: options.hasRoom }),
  };
  let reconciler: Reconciler | undefined;
  const start = (): void => {
    reconciler = new Reconciler(context);
    const started = reconciler;
    wake = () => started.wake();
    started.start();
  };
  const stop = async (): Promise<void> => {
    await reconciler?.stop();
    reconciler = undefined;
  };
  t.after(stop);
  if (options.start !== false) start();
  const configured = (name: string): ControllerConfig => config.controllers.find((item) => item.name === name)!;
  let requests = 0;
  const caller = (connection = 'okta') => ({ connection, credential: 'cred', request: `req-${++requests}` });
  const people = new Map<string, string>();
  const groups = new Map<string, string>();

  return {
    practice,
    practices,
    time,
    config,
    store,
    ledger,
    keys,
    directory,
    context,
    lines,
    start,
    stop,
    setPolicy,
    /** Creates a person; `userName` is the Jenkins id. */
    async person(userName: string, attributes: Record<string, unknown> = {}, connection = 'okta'): Promise<string> {
      const made = await directory.createUser(caller(connection), { userName, active: true, ...attributes });
      people.set(userName, made.id);
      return made.id;
    },
    async change(userName: string, attributes: Record<string, unknown>, connection = 'okta'): Promise<void> {
      await directory.changeUser(caller(connection), people.get(userName)!, (current) => ({
        ...current,
        ...attributes,
      }));
    },
    async remove(userName: string): Promise<void> {
      await directory.deleteUser(caller(), people.get(userName)!);
    },
    async group(displayName: string, members: readonly string[] = [], connection = 'okta'): Promise<string> {
      const refs = members.map((name): MemberRef => ({ value: people.get(name) ?? groups.get(name)! }));
      const made = await directory.createGroup(caller(connection), { displayName }, refs);
      groups.set(displayName, made.id);
      return made.id;
    },
    async ensureGroup(displayName: string): Promise<void> {
      if (!groups.has(displayName)) await this.group(displayName);
    },
    async add(displayName: string, ...members: readonly string[]): Promise<void> {
      const refs = members.map((name): MemberRef => ({ value: people.get(name)! }));
      await directory.changeGroup(caller(), groups.get(displayName)!, [{ op: 'add-members', members: refs }]);
    },
    async drop(displayName: string, ...members: readonly string[]): Promise<void> {
      const values = members.map((name) => people.get(name)!);
      await directory.changeGroup(caller(), groups.get(displayName)!, [{ op: 'remove-members', values }]);
    },
    async empty(displayName: string): Promise<void> {
      await directory.changeGroup(caller(), groups.get(displayName)!, [{ op: 'clear-members' }]);
    },
    async deleteGroup(displayName: string): Promise<void> {
      await directory.deleteGroup(caller(), groups.get(displayName)!);
    },
    async attributes(displayName: string, next: Readonly<Record<string, unknown>>): Promise<void> {
      const change = (current: Readonly<Record<string, unknown>>) => ({ ...current, ...next });
      await directory.changeGroup(caller(), groups.get(displayName)!, [{ op: 'attributes', change }]);
    },
    async rename(displayName: string, next: string): Promise<void> {
      await this.attributes(displayName, { displayName: next });
      groups.set(next, groups.get(displayName)!);
    },
    groupOf: (displayName: string): string => groups.get(displayName)!,
    idOf: (userName: string): string => people.get(userName)!,
    /** The certificate of somebody who left, or is said to have. */
    certificate: (userName: string, state: LeaverCertificate['state'] = 'leaver'): Promise<LeaverCertificate> =>
      store.read((db) => {
        const person = { id: people.get(userName)!, connection: 'okta', userName, state };
        return certificateOf(db, person, config, ledger.departures);
      }),
    holders: (role: string): readonly string[] => practice.look.holders(role),
    /** A connection, or the controllers, are left alone. */
    async pause(connection: string): Promise<void> {
      await store.write(({ db }) => db.insertInto('paused_connections').values({ name: connection }).execute());
    },
    async resume(connection: string): Promise<void> {
      await store.write(({ db }) => db.deleteFrom('paused_connections').where('name', '=', connection).execute());
    },
    /** What an operator would be shown now. */
    async assess(by: 'automatic' | 'operator' = 'operator', name = names[0]!): Promise<Assessment> {
      const live = await liveOf(context, controllers.get(name)!, {});
      const policy = await context.policy.current();
      return assess(context, configured(name), live, 'all', { by, policy });
    },
    /** Has an order carried out as a command does: by the reconciler while that has the lease, otherwise here. */
    async order(what: Order, name = names[0]!): Promise<Applied> {
      const lease = await takeLease(store, clock, { name: 'command', alive: () => true }, name);
      const value =
        lease === undefined
          ? ((await ask(context, name, what, 30_000)) as Applied)
          : (
              await execute(
                { context, config: configured(name), controller: controllers.get(name)!, lease, memory: {} },
                what,
              )
            ).value;
      if (lease !== undefined) await releaseLease(store, lease);
      if ('code' in value) throw Object.assign(new Error(String(value.code)), value);
      return value;
    },
  };
}

export type SyncWorld = Awaited<ReturnType<typeof syncWorld>>;

function configOf(
  folder: string,
  policy: string,
  practices: ReadonlyMap<string, Practice>,
  options: WorldOptions,
): Config {
  const controllers = [...practices].map(
    ([name, { url }]) => `  ${name}:
    url: ${url}
    user: ${SERVICE}
    apiToken: { env: TOKEN }
    mode: ${options.mode ?? 'enforce'}
    breakGlass: admin
${options.controller ?? ''}`,
  );
  const text = `policy: ${policy}
connections:
  okta: { profile: okta }
  entra: { profile: entra }
controllers:
${controllers.join('\n')}
${options.more ?? ''}
`;
  const { config, problems } = parseConfig(text, { file: 'test.yaml', folder, environment: {} });
  if (config === undefined) throw problems[0];
  return config;
}

/** Waits until something holds; fails with what it was after about so many milliseconds. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what = String(holds),
  limit = 30_000,
): Promise<void> {
  for (let left = limit; left > 0; left -= 10) {
    if (await holds()) return;
    await systemTimers.sleep(10);
  }
  throw new Error(`did not happen within ${limit} ms: ${what}`);
}

/** Time passes, and something unimportant makes the service look at its clock. */
export async function later(world: SyncWorld, milliseconds: number): Promise<void> {
  world.time.forward(milliseconds);
  await world.person(`nobody-${milliseconds}-${world.context.clock.now()}`);
}

/** The policy as another process over the same database and file holds it. */
export function anotherHolder({ config, context, ledger }: SyncWorld): SyncContext['policy'] {
  const { store, recorder, clock, log } = context;
  return createPolicyHolder({ path: config.policy, store, recorder, clock, log, witness: ledger.witness });
}
