import { globMatches } from '../config/glob.ts';
import type { PolicyTarget } from './evaluation.ts';
import type { Selector } from './policy.ts';

/** Whether a rule with this selector is about the controller. */
export function selects(selector: Selector, target: Pick<PolicyTarget, 'name' | 'labels'>): boolean {
  if (selector.kind === 'all') return true;
  if (selector.kind === 'names') return selector.names.some((name) => globMatches(name, target.name));
  return Object.entries(selector.labels).every(([label, values]) => {
    const value = Object.hasOwn(target.labels, label) ? target.labels[label] : undefined;
    return value !== undefined && values.some((pattern) => globMatches(pattern, value));
  });
}

/** Whether two selectors are the same or one of them selects all: then they meet wherever one of them selects anything. */
export function surelyTogether(a: Selector, b: Selector): boolean {
  return a.kind === 'all' || b.kind === 'all' || JSON.stringify(a) === JSON.stringify(b);
}
