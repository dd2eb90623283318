/** A JSON object of SCIM attributes. Keys come from input: use `Object.hasOwn`, never plain membership. */
export type Attributes = { [name: string]: unknown };

export type ResourceType = 'User' | 'Group';

/** Reference to a member of a group (RFC 7643 §4.2). */
export interface MemberRef {
  /** SCIM id. */
  readonly value: string;
  /** Of one that is to be added, as it was said. */
  readonly type?: ResourceType;
  readonly display?: string;
}

/** A group a user is in, `groups` of RFC 7643 §4.1.2. */
export interface GroupRef {
  readonly value: string;
  readonly display: string;
  readonly type: 'direct' | 'indirect';
}

/** A stored resource without what the protocol layer adds (schemas, meta.location) and without groups, members, password. */
export interface Resource {
  readonly type: ResourceType;
  readonly id: string;
  /**
   * Validated, names spelled as the schema spells them, unassigned ones absent; extension attributes under their URN.
   * Holds externalId, userName, displayName, active … but not id, meta, schemas, groups, members, password.
   */
  readonly attributes: Attributes;
  /** Counts up with each change; the ETag is `W/"<version>"`. */
  readonly version: number;
  /** RFC 3339 instants with milliseconds. */
  readonly createdAt: string;
  readonly modifiedAt: string;
}

export interface UserResource extends Resource {
  readonly type: 'User';
  /** Absent where the caller did not ask for them. */
  readonly groups?: readonly GroupRef[];
}

export interface GroupResource extends Resource {
  readonly type: 'Group';
  /** Absent where the caller did not ask for them: nothing is read then. */
  readonly members?: readonly MemberRef[];
}
