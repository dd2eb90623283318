import type { Clock } from '../access/ports/clock.ts';
import type { Random } from '../access/ports/random.ts';
import type { Timers } from '../access/ports/timers.ts';
import { handsOn } from './editing.ts';
import type { HandRole, Hands, Look } from './hands.ts';
import { lookAt } from './looking.ts';
import { Process } from './process.ts';
import { firstDisk } from './state/firstDisk.ts';
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

export interface Practice {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  readonly hands: Hands;
  readonly look: Look;
  close(): Promise<void>;
}

/**
 * A Jenkins to practise on: a server on loopback that speaks what we use of the HTTP of Jenkins 2.568.2 with role-strategy
 * 898, as recorded (docs/decisions/003). It runs no Groovy: our scripts are known by their SHA-256. What nobody recorded is 404.
 *
 * Known to differ from a real one where no recorded exchange shows it: patterns are JavaScript's with `\Q…\E` and `(?i)`;
 * scripts never run out of their budget; entries keep the order they came in, also after a script, where a real controller
 * has the order of a hash; items are matched by patterns and not served; `/reload` takes half a second.
 */
export async function startPractice(options: PracticeOptions): Promise<Practice> {
  const process = new Process(options, firstDisk(options));
  await process.listen(options.port ?? 0);
  return {
    url: process.url,
    hands: handsOn(process, options),
    look: lookAt(process),
    close: () => process.close(),
  };
}
