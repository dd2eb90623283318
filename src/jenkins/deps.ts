import type { Clock } from '../access/ports/clock.ts';
import type { Http } from '../access/ports/http.ts';
import type { Log } from '../access/ports/log.ts';
import type { Random } from '../access/ports/random.ts';
import type { Timers } from '../access/ports/timers.ts';

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
