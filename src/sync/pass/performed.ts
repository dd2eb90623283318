import type { Observed } from '../../access/ports/controller.ts';

type Stop = 'conflict' | 'fenced' | 'unknown' | 'lock-out' | 'interrupted' | 'paused';

/** What a pass did. */
export interface Performed {
  readonly verified: number;
  readonly failed: number;
  readonly held: number;
  /** What is known of the strategy now; absent where it has to be read again. */
  readonly observed?: Observed;
  /** Why the rest of the plan was not carried out: it has to be made again, or settled by reading. */
  readonly stopped?: { readonly kind: Stop; readonly reason: string };
  /** Whether a reading found what somebody else changed, which the assessment did not know of. */
  readonly changed: boolean;
}

/** What one run came to. */
export interface Settlement extends Pick<Performed, 'verified' | 'failed'> {
  /** Whether it may have cut somebody off, or taken Administer away: that has to be looked at again. */
  readonly recheck: boolean;
}

/** What one call came to; what is known of the strategy after it. */
export interface RunResult extends Settlement, Pick<Performed, 'stopped' | 'changed'> {
  readonly observed: Observed;
}
