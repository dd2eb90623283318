import type { Ended } from '../../policy/ended.ts';
import type { Evaluation, PolicyTarget, WhyNot } from '../../policy/evaluation.ts';
import type { Facts } from '../../policy/facts.ts';

/** A policy that was read, checked and compiled. */
export interface PolicyInForce {
  readonly digest: string;
  evaluate(facts: Facts, target: PolicyTarget): Evaluation;
  /** Ids of the groups whose members count; people are not looked at. */
  counting(facts: Facts): ReadonlySet<string>;
  whyNot(facts: Facts, target: PolicyTarget, person: string, item?: string): readonly WhyNot[];
  /** The next `until` after that time, milliseconds since the epoch; undefined where none is left. */
  nextUntil(now: number): number | undefined;
  /** The rules for one person that end at or before a time. */
  endedBy(time: number): readonly Ended[];
  /** Whether rules name groups by externalId: two groups may have one. */
  readonly namesExternalIds: boolean;
  /** By id of each rule with `unless`, what its groups are bound as: who is taken out of one may gain by the rule. */
  readonly excepting: ReadonlyMap<string, readonly string[]>;
  /** The one that came into force last for the first time, where this one had been in force before it and was put back. */
  readonly newest?: Pick<PolicyInForce, 'evaluate'>;
}
