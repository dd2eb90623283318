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
  text(): Promise<string>;
  /** Content type of `text`. */
  readonly contentType: string;
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

  const effective = new Histogram({
    name: 'jenkins_scim_effective_seconds',
    help: 'From the commit of a push until the controller was read back with it.',
    labelNames: ['controller'],
    buckets: LAG,
    registers,
  });
  const trips = new Counter({
    name: 'jenkins_scim_guard_trips_total',
    help: 'Times a ceiling held something.',
    labelNames: ['controller', 'ceiling'],
    registers,
  });
  const olders = new Counter({
    name: 'jenkins_scim_older_credentials_total',
    help: 'Links to ids that held tokens, keys or sessions before; taken_over: from a person of another connection.',
    labelNames: ['controller', 'taken_over'],
    registers,
  });
  const strangers = new Counter({
    name: 'jenkins_scim_token_uses_by_others_total',
    help: "Uses of the service's API tokens that a controller counted and the service did not make.",
    labelNames: ['controller'],
    registers,
  });
  const leaver = new Gauge({
    name: 'jenkins_scim_oldest_leaver_seconds',
    help: 'Age of the oldest unfinished leaver; 0 where none is open.',
    registers,
  });
  const breaker = new Gauge({
    name: 'jenkins_scim_breaker_open',
    help: 'Whether a controller is left alone after failures, but for probes.',
    labelNames: ['controller'],
    registers,
  });
  const waiting = new Gauge({
    name: 'jenkins_scim_waiting',
    help: 'People who wait to be looked at on a controller.',
    labelNames: ['controller'],
    registers,
  });
  const requests = new Histogram({
    name: 'jenkins_scim_request_seconds',
    help: 'SCIM requests by operation and status.',
    labelNames: ['operation', 'status'],
    buckets: LATENCY,
    registers,
  });
  const leniencies = new Counter({
    name: 'jenkins_scim_lenient_total',
    help: 'SCIM requests that are not as the RFCs have it and were understood all the same, by what was forgiven.',
    labelNames: ['connection', 'kind'],
    registers,
  });
  const refusals = new Counter({
    name: 'jenkins_scim_refused_total',
    help: 'Requests turned away for their credentials.',
    labelNames: ['access', 'code'],
    registers,
  });
  const limits = new Counter({
    name: 'jenkins_scim_limited_total',
    help: 'Requests of a connection answered with 429, because there were more than its requestsPerSecond.',
    labelNames: ['connection'],
    registers,
  });
  const quotaUsed = new Gauge({
    name: 'jenkins_scim_quota_used',
    help: 'What a connection has of users, groups, memberships and changes of today.',
    labelNames: ['connection', 'what'],
    registers,
  });
  const quotaLimit = new Gauge({
    name: 'jenkins_scim_quota_limit',
    help: 'What a connection may have at most.',
    labelNames: ['connection', 'what'],
    registers,
  });
  const headSeq = new Gauge({
    name: 'jenkins_scim_ledger_head_seq',
    help: 'The signed head of the ledger: an anchor for `ledger verify --head`.',
    labelNames: ['hash'],
    registers,
  });
  new Gauge({
    name: 'jenkins_scim_last_push_age_seconds',
    help: 'Since the last request with a valid token of a connection that may write.',
    labelNames: ['connection'],
    registers,
    collect() {
      for (const [connection, at] of lastPush) this.set({ connection }, Math.max(0, (clock.now() - at) / 1000));
    },
  });
  let room: Parameters<ServerMeter['disk']>[0] = () => undefined;
  new Gauge({
    name: 'jenkins_scim_disk_bytes',
    help: 'Of the disk of the database: what is available, and what is kept for deactivations once only that is left.',
    labelNames: ['what'],
    registers,
    collect() {
      this.reset();
      for (const [what, bytes] of Object.entries(room() ?? {})) if (what !== 'total') this.set({ what }, bytes);
    },
  });
  let ends: readonly CredentialEnd[] = [];
  new Gauge({
    name: 'jenkins_scim_token_expires_seconds',
    help: 'Until a credential expires or a rotation ends it; below 0 where it has expired. One that never ends is not here.',
    labelNames: ['id', 'kind', 'connection'],
    registers,
    collect() {
      this.reset();
      for (const { id, kind, connection, endsAt } of ends)
        this.set({ id, kind, connection: connection ?? '' }, (endsAt - clock.now()) / 1000);
    },
  });
  processGauges(registers);

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
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function processGauges(registers: Registry[]): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('process_heap_bytes', 'Memory of the heap in use.', () => process.memoryUsage().heapUsed);
  gauge('process_cpu_seconds_total', 'User and system time.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_uptime_seconds', 'Since the process started.', () => process.uptime());
}
