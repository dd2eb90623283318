import { fold } from '../access/fold.ts';

/** A direct membership as stored: edge plus who pushed it and when. */
export interface MembershipFact {
  readonly group: string;
  /** ISO instant the edge was stored. */
  readonly since: string;
  readonly request?: string;
  readonly credential?: string;
}

/** A SCIM user as policy sees it. Tombstones are no people: they hold nothing. */
export interface PersonFact {
  /** SCIM id, unique over all connections. */
  readonly id: string;
  readonly connection: string;
  readonly userName: string;
  readonly externalId?: string;
  readonly displayName?: string;
  /** Primary e-mail, else the first. */
  readonly email?: string;
  readonly active: boolean;
  readonly groups: readonly MembershipFact[];
}

export interface GroupFact {
  readonly id: string;
  readonly connection: string;
  readonly displayName: string;
  readonly externalId?: string;
  /** Groups this group is a direct member of. */
  readonly parents: readonly MembershipFact[];
}

/** A name a rule uses, tied to a SCIM id at first match (semantics §5): a group's, or, by `namedSlot`, that of a rule's one person. */
export interface Binding {
  readonly connection: string;
  /** The name as folded by `nameKey`. */
  readonly nameKey: string;
  /** Id of the group, or of the person. */
  readonly group: string;
  /** The name as the identity provider spelled it when it was bound; captures of a deleted group are read from it, else from the key. */
  readonly name?: string;
  /** `renamed`: keeps granting, a finding. `deleted`: frozen, nobody new gains. */
  readonly state: 'bound' | 'renamed' | 'deleted';
}

/** What policy judges: a consistent reading of the directory, whole or for some people with all their groups. */
export interface Facts {
  readonly people: readonly PersonFact[];
  readonly groups: ReadonlyMap<string, GroupFact>;
  readonly bindings: readonly Binding[];
  /** `rule\u0000person` pairs whose `until` has passed once, `rule\u0000` for everybody: expired for ever (semantics §6). */
  readonly expired: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The connection that rules without `from` read. */
  readonly primaryConnection: string;
  /**
   * By group id, the people whom a deleted group freezes: whose stored reasons name it, and who were in it to the last. Absent:
   * everybody of its connection, which is only safe for a planner that compares the reasons of what is held.
   */
  readonly holders?: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Names of groups that are equal under it are the same name to a rule (policy.md, Names). */
export const nameKey = fold;
