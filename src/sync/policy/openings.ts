import type { Assessment } from '../pass/assessment.ts';
import { closedRules, returnedNames } from './bound.ts';

/** What a pass over some people ends that others waited for or were frozen by: then everybody is looked at. */
export class Openings {
  #closed: ReadonlySet<string> = new Set();

  /** Whether a group that an `unless` waits for is there since the last pass, or the name of a deleted one returned. */
  concern({ evaluation, situation }: Assessment): boolean {
    const opened = this.#closed.difference(closedRules(evaluation));
    this.#closed = closedRules(evaluation);
    if (situation.whom === 'all') return false;
    return opened.size + returnedNames(situation.facts.bindings, evaluation).length > 0;
  }
}
