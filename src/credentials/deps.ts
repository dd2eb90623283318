import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { Random } from '../access/ports/random.ts';
import type { Recorder } from '../access/ports/recorder.ts';
import type { StorePort, Transaction } from '../access/ports/store.ts';
import type { Keys } from '../config/keys.ts';
import type { Tables } from '../store/tables.ts';
import type { ExternalTokens } from './external/externalTokens.ts';

export interface CredentialsDeps {
  readonly store: StorePort<Tables>;
  readonly keys: Keys['token'];
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder<Transaction<Tables>>;
  readonly log: Log;
  /** Milliseconds that a credential lives at most; `LONGEST_LIFE` where nothing is said. */
  readonly longest?: number;
  /** Whether anything may end, or be forgotten, by time now: not while the clock cannot be trusted (semantics §6). Absent: always. */
  readonly mayEnd?: () => Promise<boolean>;
  /** JWTs that others issue; none where no connection names an issuer. */
  readonly external?: ExternalTokens;
}
