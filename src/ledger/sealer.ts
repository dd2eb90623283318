import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { Timer, Timers } from '../access/ports/timers.ts';
import { Trouble } from '../access/trouble.ts';
import type { SignedHead } from './head.ts';
import type { Ledger } from './ledger.ts';

export const SEAL_EVERY = 500;
export const SIGN_EVERY = 60_000;

interface SealerDeps {
  readonly ledger: Pick<Ledger, 'seal' | 'signHead'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly timers: Timers;
  readonly log: Log;
  /** Told each signed head, for the metric. */
  readonly onHead?: (head: SignedHead) => void;
}

/**
 * Chains records within a second of their commit, signs and logs the head each minute and at the end (semantics §9).
 * A failure is told once a minute while it lasts and tried again. `stop` resolves when the last head is signed.
 */
export function startSealer({ ledger, clock, timers, log, onHead }: SealerDeps): { stop(): Promise<void> } {
  const message = 'the ledger is not sealed';
  const trouble = new Trouble({ clock, log, message, over: 'the ledger is sealed again' });
  let stopped = false;
  let untilSigned = 0;
  let timer: Timer | undefined;
  let running = Promise.resolve();

  async function sign(): Promise<void> {
    const head = await ledger.signHead();
    if (head === undefined) return;
    log.info('ledger head', { seq: head.seq, hash: head.hash, at: head.at, signature: head.signature });
    onHead?.(head);
  }

  async function turn(): Promise<void> {
    try {
      if (untilSigned > 0) {
        untilSigned -= SEAL_EVERY;
        await ledger.seal();
      } else {
        await sign();
        untilSigned = SIGN_EVERY;
      }
      trouble.well();
    } catch (error) {
      trouble.met({ reason: (error as Error).message });
    }
    if (!stopped) schedule();
  }

  function schedule(): void {
    timer = timers.after(SEAL_EVERY, () => {
      running = turn();
    });
  }

  schedule();
  return {
    async stop() {
      stopped = true;
      timer?.cancel();
      await running;
      await sign().catch((error: Error) => log.error('the last head is not signed', { reason: error.message }));
    },
  };
}
