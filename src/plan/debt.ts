import type { LeaverStepKind, PersonState } from '../access/ports/controller.ts';
import type { NamedPerson } from './plan.ts';

/** What an id owes on one controller (semantics §2), as stored. */
export interface Debt extends NamedPerson {
  readonly cause: 'leaver' | 'old-id' | 'unentitled';
  /** Milliseconds since the epoch from which tokens of an unentitled person fall; without meaning for others. */
  readonly due?: number;
  /** Steps verified done. One that the state read since contradicts is owed again. */
  readonly done: readonly LeaverStepKind[];
  /** Steps that were tried and are not verified done. */
  readonly tried?: readonly LeaverStepKind[];
  /** What the controller said of this id, where it was asked. Without it every step is owed. */
  readonly state?: PersonState;
}
