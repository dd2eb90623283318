import type { Policy } from './policy.ts';

/** A rule for one person, and when it ends; milliseconds since the epoch. */
export interface Ended {
  readonly rule: string;
  readonly until: number;
}

/** The rules for one person that end at or before a time, in the order of their ids. */
export function endedBy(policy: Policy, time: number): Ended[] {
  return policy.rules.flatMap(({ id, subject }) =>
    subject.kind === 'user' && subject.until <= time ? [{ rule: id, until: subject.until }] : [],
  );
}

/** Whether a rule has ended once, for this person or, by an accepted clock, for everybody: what has ended never comes back. */
export function hasEnded(expired: ReadonlySet<string>, rule: string, person: string): boolean {
  return expired.has(`${rule}\u0000${person}`) || expired.has(`${rule}\u0000`);
}
