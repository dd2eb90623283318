import type { Capabilities, Observed } from '../access/ports/controller.ts';
import type { ControllerConfig, LeaverConfig } from '../config/schema.ts';
import type { Debt } from './debt.ts';
import type { Desired } from './desired.ts';
import type { IdentityMap } from './identities.ts';
import type { Ownership } from './plan.ts';

/** What the directory says of a person, tombstones included. */
export type Standing = 'active' | 'inactive' | 'deleted';

/** Everything a plan for one controller is made from; nothing else decides. */
export interface PlanInput {
  readonly controller: Pick<ControllerConfig, 'name' | 'mode' | 'user' | 'protect' | 'breakGlass'>;
  readonly capabilities: Pick<Capabilities, 'userIds' | 'groupIds' | 'permissions'>;
  readonly observed: Observed;
  readonly desired: Desired;
  readonly identities: IdentityMap;
  /** By SCIM id; somebody who is missing counts as nobody: owned entries made for them fall as `policy`. */
  readonly standing: ReadonlyMap<string, Standing>;
  readonly ownership: Ownership;
  /** Stored debts that are open; those of `identities.owed` are added where they are missing. */
  readonly debts: readonly Debt[];
  readonly leaver: LeaverConfig;
  /**
   * `all`: the whole controller. A set of SCIM ids: what concerns these people, the roles their grants need, no deletion of
   * roles and no `exclusive` clean-up. Such a plan is part of the whole one.
   */
  readonly scope: 'all' | ReadonlySet<string>;
  /** SCIM ids that are left alone, within any scope: people of a paused connection keep what they have. */
  readonly except?: ReadonlySet<string>;
  /** Only what adds is going to happen (mode `add-only`, nobody asked): a redefinition that gives and takes is made to give first. */
  readonly adding?: boolean;
  /** `stepDigest` of what somebody released or rejected: it is planned as it was then. */
  readonly decided?: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
