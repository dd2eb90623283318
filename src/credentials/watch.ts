import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { Timer, Timers } from '../access/ports/timers.ts';
import type { Credentials, TokenRecord } from './credentials.ts';
import { type Expiry, endOf, expiryOf, needsSuccessor } from './expiry.ts';
import type { Rotations } from './rotations.ts';

/** Milliseconds between two looks, and between two warnings that say the same of one credential. */
export const WATCH_EVERY = 60_000;
const WARN_EVERY = 86_400_000;

interface CredentialWatchDeps {
  readonly credentials: Pick<Credentials, 'list'>;
  readonly rotations: Pick<Rotations, 'sweep'>;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly log: Log;
  /** Told those that are not revoked, and whose key is there, for metrics. */
  readonly onLook?: (live: readonly TokenRecord[]) => void;
}

/**
 * Ends what rotations have ended and tells of credentials that are about to expire: at once when the service starts and
 * when it becomes urgent, then once a day each. A failure is logged and tried again. `stop` resolves when nothing runs any more.
 */
export function startCredentialWatch(deps: CredentialWatchDeps): { stop(): Promise<void> } {
  const { credentials, rotations, timers, clock, log, onLook } = deps;
  const warned = new Map<string, { readonly expiry: Expiry; readonly at: number }>();
  let stopped = false;
  let timer: Timer | undefined;
  let running = turn();

  async function look(): Promise<void> {
    try {
      const ended = await rotations.sweep();
      if (ended > 0) log.info('credentials were ended after their grace', { count: ended });
    } finally {
      // Also while nothing can be ended, e.g. on a full disk.
      await tell();
    }
  }

  async function tell(): Promise<void> {
    const live = (await credentials.list()).filter(({ revokedAt, keyGone }) => revokedAt === null && keyGone !== true);
    onLook?.(live);
    const now = clock.now();
    const due = live.filter((token) => needsSuccessor(token, now));
    for (const token of due) {
      const expiry = expiryOf(endOf(token), now);
      const last = warned.get(token.id);
      if (last?.expiry !== expiry || now - last.at >= WARN_EVERY) warn(token, expiry, now);
    }
  }

  function warn(token: TokenRecord, expiry: Expiry, now: number): void {
    warned.set(token.id, { expiry, at: now });
    const { id, kind, connection, expiresAt } = token;
    const message = expiry === 'expired' ? 'a credential has expired' : 'a credential is about to expire';
    log[expiry === 'soon' ? 'warn' : 'error'](message, {
      ...{ credential: id, kind, connection, expiresAt },
      remedy: expiry === 'expired' ? 'make a new one: jenkins-scim token create' : successorOf(token),
    });
  }

  async function turn(): Promise<void> {
    try {
      await look();
    } catch (error) {
      log.error('credentials are not watched', { reason: (error as Error).message });
    }
    if (stopped) return;
    timer = timers.after(WATCH_EVERY, () => {
      running = turn();
    });
  }

  return {
    async stop() {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}

/** What to do before a credential ends: a rotation that is under way cannot be started once more. */
function successorOf({ id, rotation }: TokenRecord): string {
  const rotate = (step: string, which: string): string => `jenkins-scim token rotate ${step} ${which}`;
  if (rotation === undefined) return rotate('start', id);
  const { role, other, endsAt } = rotation;
  if (role === 'predecessor')
    return `store ${other}, which replaces it, at the identity provider; it is not in use yet`;
  return endsAt === null
    ? `${rotate('cancel', id)}; ${rotate('start', other)}`
    : `${rotate('complete', id)}; ${rotate('start', id)}`;
}
