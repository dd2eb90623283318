import type { Clock } from '../access/ports/clock.ts';
import type { Timers } from '../access/ports/timers.ts';
import type { Complaint } from './judge/verdict.ts';
import type { Identity, WhoVerdict } from './judge/whoAmI.ts';

/** How long one and the same doubt must last to become a verdict; the longest seen in a start was 3.1 s. */
const LASTING = 6000;
const PAUSES = [250, 500, 750, 1000];

/** Where the doubt ended. */
type Settled =
  | { readonly kind: 'us'; readonly identity: Identity }
  | { readonly kind: 'wrong'; readonly complaint: Complaint };

/**
 * Asks who we are again and again: two good answers in a row end the doubt, so does a plain failure (a restart goes on), and
 * a doubt that lasts 6 s becomes its complaint. `ask` throws where no answer came; that ends the doubt too.
 */
export async function settleDoubt(
  deps: { readonly clock: Clock; readonly timers: Timers },
  ask: () => Promise<WhoVerdict>,
): Promise<Settled> {
  let since = deps.clock.monotonic();
  let good = 0;
  for (let turn = 0; ; turn++) {
    await deps.timers.sleep(PAUSES[Math.min(turn, PAUSES.length - 1)]!);
    const verdict = await ask();
    if (verdict.kind === 'wrong') return { kind: 'wrong', complaint: verdict.complaint };
    if (verdict.kind === 'us') {
      good++;
      if (good === 2) return verdict;
      since = deps.clock.monotonic();
    } else {
      good = 0;
      if (deps.clock.monotonic() - since >= LASTING) return { kind: 'wrong', complaint: verdict.complaint };
    }
    if (turn > 60) return { kind: 'wrong', complaint: { code: 'JEN_RESTARTING', details: {} } };
  }
}
