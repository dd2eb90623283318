import type { Evaluation, PolicyTarget, WhyNot } from '../policy/evaluation.ts';
import type { Facts } from '../policy/facts.ts';

/** A policy that was read, checked and compiled. */
export interface PolicyInForce {
  readonly digest: string;
  evaluate(facts: Facts, target: PolicyTarget): Evaluation;
  whyNot(facts: Facts, target: PolicyTarget, person: string, item?: string): readonly WhyNot[];
  /** The next `until` after that time, milliseconds since the epoch; undefined where none is left. */
  nextUntil(now: number): number | undefined;
}
