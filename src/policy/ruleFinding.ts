import type { Finding } from '../access/finding.ts';
import type { Rule } from './policy.ts';

/** A finding with the rules it is about: it is shown where one of them selects the controller. */
export interface RuleFinding {
  readonly finding: Finding;
  readonly rules: readonly Rule[];
}
