import type { Policy } from './policy.ts';

/** The next moment after `now` at which a rule ends, in milliseconds since the epoch; undefined where none is left. */
export function nextUntil(policy: Policy, now: number): number | undefined {
  let next: number | undefined;
  for (const { subject } of policy.rules)
    if (subject.kind === 'user' && subject.until > now && (next === undefined || subject.until < next))
      next = subject.until;
  return next;
}
