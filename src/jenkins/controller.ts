import type { Clock } from '../access/ports/clock.ts';
import type { Capabilities, Controller, LeaverOrder } from '../access/ports/controller.ts';
import type { Http } from '../access/ports/http.ts';
import type { Log } from '../access/ports/log.ts';
import type { Random } from '../access/ports/random.ts';
import type { Timers } from '../access/ports/timers.ts';
import { judgeProbe } from './capabilities.ts';
import { type Connection, connect, shown } from './connection.ts';
import { cutPeople, readInventory, readPeople } from './people.ts';
import { probe } from './scripts/probe.ts';
import { roleStrategy } from './strategies/role-strategy/driver.ts';

/** What of the configuration a controller needs. `ControllerConfig` fits. */
export interface Address {
  readonly name: string;
  /** Ends with a slash. */
  readonly url: string;
  readonly user: string;
}

export interface ControllerDeps {
  readonly http: Http;
  /** The API token, read by reference at each use; never kept. */
  readonly secret: () => Promise<string> | string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** Milliseconds for a whole exchange; `sync.timeout`. */
  readonly timeout: number;
  /** Names the database whose fences are compared with each other; two services on one controller do not share a counter. */
  readonly lineage?: string;
}

/** A controller with role-strategy, driven by scripts. Closing it closes the HTTP client. */
export function createController(address: Address, deps: ControllerDeps): Controller {
  const connection = connect(address, deps);
  const lineage = deps.lineage ?? '';
  const strategy = roleStrategy(connection, lineage);
  return Object.freeze({
    name: address.name,
    whoAmI: async () => shown(await connection.identify()),
    probe: () => readCapabilities(connection),
    observe: strategy.observe,
    fingerprint: strategy.fingerprint,
    apply: strategy.apply,
    people: (ids: readonly string[]) => readPeople(connection, ids),
    inventory: () => readInventory(connection),
    cut: (fence: number, orders: readonly LeaverOrder[]) => cutPeople(connection, lineage, fence, orders),
    close: () => deps.http.close(),
  });
}

async function readCapabilities(connection: Connection): Promise<Capabilities> {
  const { result, session, time } = await connection.read(probe, {});
  const judged = judgeProbe(result, session, time);
  if ('problem' in judged) throw connection.error({ code: 'JEN_ANSWER', details: { reason: judged.problem } });
  return judged.capabilities;
}
