import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../access/ports/clock.ts';
import type { Meter } from '../access/ports/meter.ts';

/** The service's numbers; `text` is what Prometheus reads. */
export interface ServerMeter extends Meter {
  /** A request was turned away at the choke point. */
  refused(access: string, code: string): void;
  /** A request of a connection was turned away because there were too many. */
  limited(connection: string): void;
  /** What connections have of what they may have. */
  quotas(all: readonly QuotaUse[]): void;
  /** The credentials that live and when they end, in milliseconds since the epoch. */
  credentials(all: readonly CredentialEnd[]): void;
  /** The head of the ledger that was signed last. */
  head(head: { readonly seq: number; readonly hash: string }): void;
  /** Where the disk of the database can be asked; looked at with each reading. */
  disk(room: () => { readonly available: number; readonly reserve: number } | undefined): void;
  /** Where it can be asked what is held; asked with each reading. */
  held(look: () => Promise<readonly HeldSteps[]>): void;
  text(): Promise<string>;
  /** Content type of `text`. */
  readonly contentType: string;
}

/** What is held on a controller, for `jenkins_scim_held`. */
interface HeldSteps {
  readonly controller: string;
  readonly until: string;
  readonly steps: number;
}

/** How much of a quota of a connection is used, for `jenkins_scim_quota_used` and `jenkins_scim_quota_limit`. */
interface QuotaUse {
  readonly connection: string;
  readonly what: string;
  readonly used: number;
  readonly limit: number;
}

/** When a credential ends, for `jenkins_scim_token_expires_seconds`. */
interface CredentialEnd {
  readonly id: string;
  readonly kind: string;
  readonly connection: string | null;
  readonly endsAt: number;
}

const LAG = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];
const LATENCY = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Own registry: nothing else of the process writes into it. */
export function createMeter(clock: Clock): ServerMeter {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const lastPush = new Map<string, number>();

  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  /** `read` is asked with each reading. */
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: L[] = [],
    read?: (to: Gauge<L>) => void | Promise<void>,
  ) => {
    const collect = read === undefined ? {} : { collect: () => read(made) };
    const made: Gauge<L> = new Gauge({ name, help, labelNames, registers, ...collect });
    return made;
  };

  const effective = histogram(
    'jenkins_scim_effective_seconds',
    'From the commit of a push until the controller was read back with it.',
    ['controller'],
    LAG,
  );
  const trips = counter('jenkins_scim_guard_trips_total', 'Times something began to wait for a release.', [
    'controller',
    'ceiling',
  ]);
  const olders = counter(
    'jenkins_scim_older_credentials_total',
    'Links to ids that held tokens, keys or sessions before; taken_over: from a person of another connection.',
    ['controller', 'taken_over'],
  );
  const strangers = counter(
    'jenkins_scim_token_uses_by_others_total',
    "Uses of the service's API tokens that a controller counted and the service did not make.",
    ['controller'],
  );
  const leaver = gauge(
    'jenkins_scim_oldest_leaver_seconds',
    'Age of the oldest unfinished leaver; 0 where none is open.',
  );
  const breaker = gauge(
    'jenkins_scim_breaker_open',
    'Whether a controller is left alone after failures, but for probes.',
    ['controller'],
  );
  const waiting = gauge('jenkins_scim_waiting', 'People who wait to be looked at on a controller.', ['controller']);
  const requests = histogram(
    'jenkins_scim_request_seconds',
    'SCIM requests by operation and status.',
    ['operation', 'status'],
    LATENCY,
  );
  const leniencies = counter(
    'jenkins_scim_lenient_total',
    'SCIM requests that are not as the RFCs have it and were understood all the same, by what was forgiven.',
    ['connection', 'kind'],
  );
  const refusals = counter('jenkins_scim_refused_total', 'Requests turned away for their credentials.', [
    'access',
    'code',
  ]);
  const limits = counter(
    'jenkins_scim_limited_total',
    'Requests of a connection answered with 429, because there were more than its requestsPerSecond.',
    ['connection'],
  );
  const quotaUsed = gauge(
    'jenkins_scim_quota_used',
    'What a connection has of users, groups, memberships and changes of today.',
    ['connection', 'what'],
  );
  const quotaLimit = gauge('jenkins_scim_quota_limit', 'What a connection may have at most.', ['connection', 'what']);
  const headSeq = gauge(
    'jenkins_scim_ledger_head_seq',
    'The signed head of the ledger: an anchor for `ledger verify --head`.',
    ['hash'],
  );
  gauge(
    'jenkins_scim_last_push_age_seconds',
    'Since the last request with a valid token of a connection that may write.',
    ['connection'],
    (to) => {
      for (const [connection, at] of lastPush) to.set({ connection }, Math.max(0, (clock.now() - at) / 1000));
    },
  );
  let room: Parameters<ServerMeter['disk']>[0] = () => undefined;
  gauge(
    'jenkins_scim_disk_bytes',
    'Of the disk of the database: what is available, and what is kept for deactivations once only that is left.',
    ['what'],
    (to) => {
      to.reset();
      for (const [what, bytes] of Object.entries(room() ?? {})) if (what !== 'total') to.set({ what }, bytes);
    },
  );
  let waits: Parameters<ServerMeter['held']>[0] = async () => [];
  gauge(
    'jenkins_scim_held',
    'Steps that are held and were not rejected, by what lets them through: a release, the mode, their cause, another step.',
    ['controller', 'until'],
    async (to) => {
      to.reset();
      // What cannot be asked is not told: the other numbers are.
      for (const { controller, until, steps } of await waits().catch(() => [])) to.set({ controller, until }, steps);
    },
  );
  let ends: readonly CredentialEnd[] = [];
  gauge(
    'jenkins_scim_token_expires_seconds',
    'Until a credential expires or a rotation ends it; below 0 where it has expired. One that never ends is not here.',
    ['id', 'kind', 'connection'],
    (to) => {
      to.reset();
      for (const { id, kind, connection, endsAt } of ends)
        to.set({ id, kind, connection: connection ?? '' }, (endsAt - clock.now()) / 1000);
    },
  );
  gauge('process_resident_memory_bytes', 'Resident memory.', [], (to) => to.set(process.memoryUsage.rss()));
  gauge('process_heap_bytes', 'Memory of the heap in use.', [], (to) => to.set(process.memoryUsage().heapUsed));
  gauge('process_cpu_seconds_total', 'User and system time.', [], (to) => {
    const { user, system } = process.cpuUsage();
    to.set((user + system) / 1e6);
  });
  gauge('process_uptime_seconds', 'Since the process started.', [], (to) => to.set(process.uptime()));

  return {
    effective: (controller, seconds) => effective.observe({ controller }, seconds),
    trip: (controller, ceiling) => trips.inc({ controller, ceiling }),
    older: (controller, taken) => olders.inc({ controller, taken_over: taken ? 'yes' : 'no' }),
    usedByOthers: (controller, uses) => strangers.inc({ controller }, uses),
    oldestLeaver: (seconds) => leaver.set(seconds),
    controller(controller, state) {
      breaker.set({ controller }, state.open ? 1 : 0);
      waiting.set({ controller }, state.waiting);
    },
    pushed(connection, at) {
      lastPush.set(connection, Math.max(at, lastPush.get(connection) ?? 0));
    },
    answered: (operation, status, seconds) => requests.observe({ operation, status: String(status) }, seconds),
    lenient: (connection, kind) => leniencies.inc({ connection, kind }),
    refused: (access, code) => refusals.inc({ access, code }),
    limited: (connection) => limits.inc({ connection }),
    quotas(all) {
      for (const { connection, what, used, limit } of all) {
        quotaUsed.set({ connection, what }, used);
        quotaLimit.set({ connection, what }, limit);
      }
    },
    credentials(all) {
      ends = all;
    },
    head({ seq, hash }) {
      headSeq.reset();
      headSeq.set({ hash }, seq);
    },
    disk(look) {
      room = look;
    },
    held(look) {
      waits = look;
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
