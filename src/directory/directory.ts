import type { Breathe } from '../access/ports/store.ts';
import type { GroupChange } from '../scim/groupChange.ts';
import type { Page, Query } from '../scim/query.ts';
import type { Attributes, GroupResource, MemberRef, ResourceType, UserResource } from '../scim/resource.ts';

/** Who asks: rows belong to the connection; another connection's ids do not exist. */
export interface Caller {
  readonly connection: string;
  /** Id of the credential. */
  readonly credential: string;
  /** Id of the request, from push to controller call. */
  readonly request: string;
  /** Told of a new member that is of another type than is said of it; without, such a change is refused. */
  readonly mistyped?: () => void;
}

/** ETag conditions of a change (RFC 7644 §3.14, RFC 9110 §13.1); `*` stands for any version. */
export interface Condition {
  /** One of these must be current: If-Match. */
  readonly match?: readonly string[] | undefined;
  /** None of these may be: If-None-Match. */
  readonly noneMatch?: readonly string[] | undefined;
}

export interface Changed<T> {
  readonly resource: T;
  /** False where everything was as asked for: no new version, no record, no dirty mark. */
  readonly changed: boolean;
}

/** A resource that is to be created. */
export interface NewResource {
  readonly type: ResourceType;
  readonly attributes: Attributes;
  /** Of a group. */
  readonly members?: readonly MemberRef[];
}

/** One of several resources that are created together. `make` is told the ids that the others will have, before anything is written. */
export interface Creation {
  readonly caller: Caller;
  readonly make: (idOf: (index: number) => string) => NewResource | Promise<NewResource>;
}

/** Which of the resources could not be created, and why (`cause`); none of them was. */
export class CreationError extends Error {
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super(`resource ${index} could not be created`, { cause });
    this.index = index;
  }
}

/**
 * People and groups of connections. Every write commits, marks dirty and records in one transaction, and resolves when durable.
 * Attributes arrive validated by `scim`. @throws ScimError SCIM_NOT_FOUND, SCIM_UNIQUENESS, SCIM_VERSION, SCIM_MEMBERS (unknown
 * member ids, another connection's included, in one wording), SCIM_QUOTA, SCIM_TOO_MANY (lists of groups), STORE_RESERVE where it only adds and the disk is nearly full, STORE_*
 */
export interface Directory {
  createUser(caller: Caller, attributes: Attributes): Promise<UserResource>;
  user(connection: string, id: string, related: boolean): Promise<UserResource>;
  users(connection: string, query: Query): Promise<Page<UserResource>>;
  /** `change` is pure and runs inside the transaction on the current attributes, in turns where it is long; `related`: the answer has the groups. */
  changeUser(
    caller: Caller,
    id: string,
    change: (current: Attributes, breathe: Breathe) => Attributes | Promise<Attributes>,
    condition?: Condition,
    related?: boolean,
  ): Promise<Changed<UserResource>>;
  deleteUser(caller: Caller, id: string, condition?: Condition): Promise<void>;

  createGroup(caller: Caller, attributes: Attributes, members: readonly MemberRef[]): Promise<GroupResource>;
  group(connection: string, id: string, related: boolean): Promise<GroupResource>;
  groups(connection: string, query: Query): Promise<Page<GroupResource>>;
  /** Atomic: all of the changes or none. The answer has no members. */
  changeGroup(
    caller: Caller,
    id: string,
    changes: readonly GroupChange[],
    condition?: Condition,
  ): Promise<Changed<GroupResource>>;
  deleteGroup(caller: Caller, id: string, condition?: Condition): Promise<void>;

  /** Resources that refer to each other, in the order given: all or none. @throws CreationError, STORE_* */
  createTogether(creations: readonly Creation[]): Promise<readonly (UserResource | GroupResource)[]>;
}
