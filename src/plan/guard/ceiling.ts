import type { CeilingConfig } from '../../config/schema.ts';

/** The most that may be lost: the lower of `count` and `percent` of what there was, never below `atLeast`. */
export function limitOf({ count, percent, atLeast }: CeilingConfig, population: number): number {
  return Math.max(atLeast, Math.min(count, Math.floor((population * percent) / 100)));
}

/** What can hold a step. */
export type Ceiling =
  | 'mode'
  | 'clock'
  /** A protected entry would gain or lose by it. */
  | 'protected'
  /** Only the reserve of the disk is left, and it adds. */
  | 'disk'
  /** Another authorization strategy is in force, and it is about roles, or about somebody who did not leave. */
  | 'strategy'
  | 'last-administrator'
  | 'losses.disableUsers'
  | 'losses.renameUsers'
  | 'losses.revokeGrants'
  | 'losses.revokeAdministrators'
  | 'gains.administrators'
  | 'gains.grantsPerPerson'
  | 'gains.createRoles'
  | 'whole-connection'
  | 'whole-group'
  | 'bound-group'
  | 'unmanaged-gain'
  | 'everyone-administers'
  /** It may follow from what a compromised credential did. */
  | 'compromised'
  /** No record that verifies tells of the membership it follows from. */
  | 'unproven'
  /** An older policy was put back, and the newest one does not make them an administrator. */
  | 'older-policy'
  /** It waits for another step that is held. */
  | 'needs';

/** What lets a held step through: a release, the mode, its cause when that is over, or the other step that it waits for. */
export type HeldUntil = 'release' | 'mode' | 'cause' | 'other-step';

/** Ceilings that no release lets through. */
const NOT_RELEASABLE: Readonly<Record<string, HeldUntil>> = {
  mode: 'mode',
  clock: 'cause',
  disk: 'cause',
  protected: 'cause',
  strategy: 'cause',
  'last-administrator': 'cause',
  needs: 'other-step',
} satisfies Partial<Record<Ceiling, HeldUntil>>;

export function heldUntil(ceiling: string): HeldUntil {
  return NOT_RELEASABLE[ceiling] ?? 'release';
}

/** What waits under these is judged anew each time; what is unproven can be released, too, but a record ends it as well. */
const JUDGED_ANEW: ReadonlySet<string> = new Set<string>([
  ...Object.keys(NOT_RELEASABLE),
  'unproven' satisfies Ceiling,
]);

/** Whether what is held waits until it is released or not wanted any more. */
export function waitsForRelease(ceiling: string): boolean {
  return !JUDGED_ANEW.has(ceiling);
}
