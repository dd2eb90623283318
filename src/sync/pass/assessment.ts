import type { Capabilities, Observed } from '../../access/ports/controller.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import type { DirectoryPerson, IdentityMap } from '../../plan/identities.ts';
import type { Standing } from '../../plan/input.ts';
import type { Plan, Verdict } from '../../plan/plan.ts';
import type { Evaluation } from '../../policy/evaluation.ts';
import type { TrustedTime } from '../clock/trustedTime.ts';
import type { LeftLately } from '../held/leftLately.ts';
import type { Suspects } from '../held/suspects.ts';
import type { Situation } from './situation.ts';

/** What is known of a controller now. */
export interface Live {
  readonly capabilities: Capabilities;
  readonly observed: Observed;
}

/** What a pass is about to do and why; nothing has been written yet. */
export interface Assessment {
  /** Who acts: it is what the ledger says of everything that follows. */
  readonly by: 'automatic' | 'operator';
  readonly controller: ControllerConfig;
  readonly situation: Situation;
  /** When people who left had come back last, where they owed something before. */
  readonly back: ReadonlyMap<string, string>;
  readonly evaluation: Evaluation;
  /** What was known of who left lately. */
  readonly left: LeftLately;
  readonly identities: IdentityMap;
  readonly standing: ReadonlyMap<string, Standing>;
  readonly people: ReadonlyMap<string, DirectoryPerson>;
  readonly plan: Plan;
  readonly verdict: Verdict;
  /** Steps that rows call rejected though no record does; in `situation` they are held. */
  readonly unsaid: ReadonlySet<string>;
  /** Whether what somebody gains for these reasons may follow from what a compromised credential did. */
  readonly suspects: Suspects['gain'];
  readonly live: Live;
  readonly time: TrustedTime;
  /** How far the controller's clock is from ours, in milliseconds, where that is too far for expiries there. */
  readonly clockOff?: number;
}

/** Whether it takes back what came of a compromised credential: what is wanted of it all the same waits from the next pass on. */
export function takesBack({ verdict }: Pick<Assessment, 'verdict'>): boolean {
  return verdict.go.some(({ cause }) => cause === 'compromised');
}
