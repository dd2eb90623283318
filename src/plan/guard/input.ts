import type { Capabilities, Observed } from '../../access/ports/controller.ts';
import type { Reason } from '../../access/reason.ts';
import type { GuardConfig, Mode } from '../../config/schema.ts';
import type { Desired } from '../desired.ts';
import type { Claim } from '../identities.ts';
import type { Plan } from '../plan.ts';
import type { GuardEvent } from './event.ts';

/** A group some rule names: members when the window of losses began (nested ones too), and how many of these it still has. */
export interface GroupPopulation {
  readonly id: string;
  readonly name: string;
  readonly before: number;
  readonly kept: number;
  /** A rule is bound to it and it was deleted. */
  readonly gone: boolean;
  /** Of one that is gone: whom its deletion freezes, by SCIM id; everybody where that is not known. */
  readonly frozen?: ReadonlySet<string>;
}

/** What there was when the window of losses began. */
interface Populations {
  /** So many people are all of a connection: those who are active or were since then, but not more than were counted then. */
  readonly people: ReadonlyMap<string, number>;
  /** What was counted of them then: who came since is not among them. Absent where nobody had counted, which leaves `people`. */
  readonly counted?: ReadonlyMap<string, number>;
  /** Grants of ours on this controller. */
  readonly grants: number;
  readonly groups: readonly GroupPopulation[];
  /** People who hold something of ours on this controller and have not left, by connection, of those that may lose all of it; known by a look at everybody. */
  readonly holders?: ReadonlyMap<string, number>;
}

/** What a policy that is not in force wants, and what people (SCIM id) are called here. */
export interface Newest extends Pick<Desired, 'roles' | 'grants'> {
  readonly idOf: (person: string) => string | undefined;
}

export interface GuardInput {
  readonly plan: Plan;
  /** What the plan was made from. */
  readonly observed: Observed;
  readonly capabilities: Pick<Capabilities, 'userIds' | 'groupIds' | 'permissions'>;
  /** Who has which id, by the folded id. */
  readonly owners?: ReadonlyMap<string, Pick<Claim, 'person' | 'state'>>;
  /** Who owes something at an id that waits for whatever reason, so that whoever acted with it still can; no grace. */
  readonly uncut?: readonly Pick<Claim, 'person' | 'foldedId'>[];
  /** Who owes something at an id that an operator gave free all the same. */
  readonly freed?: readonly Pick<Claim, 'person' | 'foldedId'>[];
  /** Who gives an id up now that nobody else has, because they are called otherwise, or did and it waits: what a ceiling is on. */
  readonly renamed?: readonly Pick<Claim, 'person' | 'foldedId'>[];
  readonly mode: Mode;
  /** Who acts: the service by itself, or an operator by `apply`, `sync`, `release`, `leaver --now`. */
  readonly by: 'automatic' | 'operator';
  readonly config: GuardConfig;
  /** Events of the windows: losses and renames of this controller, `disabled` and `administrator-gained` of the whole fleet. Any order. */
  readonly history: readonly GuardEvent[];
  readonly populations: Populations;
  /** Connection of each person the plan is about. */
  readonly connections: ReadonlyMap<string, string>;
  /** Whether a connection may reach this controller. */
  readonly reaches: (connection: string) => boolean;
  /** People of `disabled` events who are active again: they do not count. */
  readonly activeAgain: ReadonlySet<string>;
  /** Steps that wait already (`stepDigest` to ceiling): they go on waiting until they are released or not wanted any more. */
  readonly waiting: ReadonlyMap<string, string>;
  /** Those of them to which an operator said no: they wait whatever holds them. */
  readonly rejected?: ReadonlySet<string>;
  /** People whose leaver steps only look like those that wait: they are of somebody else, who left the same id before. */
  readonly strangers?: ReadonlySet<string>;
  /** `stepDigest` of steps an operator released. */
  readonly released: ReadonlySet<string>;
  /** People of `leaver --now`: past modes and ceilings. */
  readonly exempt: ReadonlySet<string>;
  /** Whether what somebody (SCIM id) gains for these reasons may follow from what a compromised credential did: it waits. */
  readonly suspects?: (person: string, reasons: readonly Reason[]) => boolean;
  /** Administrative gains (`stepDigest`) by a membership of which no record that verifies tells. */
  readonly unproven?: ReadonlySet<string>;
  /** What the newest policy wants here, while an older one that was put back is in force. */
  readonly newest?: Newest;
  /** The account of the service. */
  readonly service: string;
  /** Ids other than the service that are known to work (a record, and an answer of the controller). */
  readonly workingAdministrators: readonly string[];
  /** False while the clock cannot be trusted: expiries wait (semantics §6). */
  readonly timeTrusted: boolean;
  /** False where only the part of the disk is left that is kept for losses; absent: there is room. */
  readonly hasRoom?: boolean;
  readonly now: number;
}
