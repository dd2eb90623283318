import type { Clock } from '../access/ports/clock.ts';
import type { Random } from '../access/ports/random.ts';
import type { Timers } from '../access/ports/timers.ts';
import type { IdStrategy } from '../access/principal.ts';
import type { HandRole } from './hands.ts';
import type { Item } from './state/home.ts';

export interface PracticeOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Id and API token of the service's account; it may administer. */
  readonly user: string;
  readonly token: string;
  /** People with a record. Default: the administrator `admin` with a password of its own. */
  readonly users?: readonly PracticeUser[];
  /** Roles to begin with. Default: a global role `admin` for the service's account and every `administrator`. */
  readonly roles?: readonly HandRole[];
  /** How the realm compares the ids of its users; default: without regard to case, as a local one does. */
  readonly userIds?: IdStrategy;
  /** Items for patterns to match. */
  readonly items?: readonly Item[];
  /** 0, the default: any free port. Always on 127.0.0.1. */
  readonly port?: number;
  /** How many times faster than recorded restarts go; default 1. */
  readonly speed?: number;
}

export interface PracticeUser {
  readonly id: string;
  readonly password?: string;
  readonly token?: string;
  readonly administrator?: boolean;
}
