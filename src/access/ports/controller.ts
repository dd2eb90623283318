import type { IdStrategy, Principal } from '../principal.ts';
import type { RoleDefinition, RoleKey, RoleType } from '../role.ts';

/** What a controller is and can do; read before anything is planned. */
export interface Capabilities {
  readonly core: string;
  /** Changes with each start (Jenkins.SESSION_HASH). */
  readonly session: string;
  readonly realm: string;
  /** The id that a password opens which the realm keeps itself (oic-auth); null where there is none. */
  readonly escapeHatch: string | null;
  readonly strategy: string;
  readonly plugins: Readonly<Record<string, string>>;
  readonly userIds: IdStrategy;
  readonly groupIds: IdStrategy;
  /** The live catalogue (hudson.security.Permission.getAll). */
  readonly permissions: readonly PermissionInfo[];
  /** Seeds can be disabled by -Djenkins.security.seed.UserSeedProperty.disableUserSeed. */
  readonly userSeeds: boolean;
  readonly legacyTokens: { readonly creationOnUserCreation: boolean; readonly creationByHand: boolean };
  readonly signUp: boolean;
  readonly builtInExecutors: number;
  /** JCasC sources hold a roleBased block. */
  readonly jcasc: 'absent' | 'no-roles' | 'roles';
  /** Switches of the JVM: entries are compared letter by letter whatever the realm does; whoever is in a group named like a role has it. */
  readonly roleSwitches: { readonly caseSensitive: boolean; readonly authoritiesAsRoles: boolean };
  /** When services with keys of their own wrote there last, each since its start; milliseconds since the epoch, by its clock. */
  readonly otherWriters: readonly number[];
  /** Milliseconds since the epoch, by the controller's clock. */
  readonly time: number;
}

export interface PermissionInfo {
  /** `hudson.model.Item.Build` */
  readonly id: string;
  /** `Job/Build` as Jenkins shows it. */
  readonly title: string;
  readonly enabled: boolean;
  readonly impliedBy?: string;
}

export interface WhoAmI {
  readonly name: string;
  readonly anonymous: boolean;
  readonly authorities: readonly string[];
}

export interface ObservedRole extends RoleDefinition {
  readonly entries: readonly Principal[];
  /** Digest of definition and entries, as the precondition of a change to this role. */
  readonly digest: string;
}

/** Everything the strategy holds, read at one moment. A failed read throws; it is never an empty one. */
export interface Observed {
  /** Why there are none to read: another authorization strategy is in force. Of no reading of a controller, which fails then. */
  readonly unread?: string;
  readonly roles: readonly ObservedRole[];
  readonly session: string;
  readonly fingerprint: string;
  readonly time: number;
}

/** One change of the strategy; executed in the order given, saved once. */
export type StrategyChange =
  | { readonly op: 'create-role'; readonly role: RoleDefinition }
  | { readonly op: 'update-role'; readonly role: RoleDefinition }
  | { readonly op: 'delete-role'; readonly role: RoleKey }
  | { readonly op: 'grant'; readonly role: RoleKey; readonly principal: Principal }
  | { readonly op: 'revoke'; readonly role: RoleKey; readonly principal: Principal };

export interface StrategyBatch {
  readonly id: string;
  /** The lease's counter; the controller refuses a lower one than it has seen. */
  readonly fence: number;
  /** Digests of the roles that are touched, as read; `absent` where the role must not exist. */
  readonly preconditions: readonly { readonly role: RoleKey; readonly digest: string | 'absent' }[];
  readonly changes: readonly StrategyChange[];
  /** Ids of which one must still be able to Administer after the save, else everything is undone. */
  readonly keepAdministrators: readonly string[];
}

export type BatchOutcome =
  | { readonly outcome: 'done'; readonly observed: readonly ObservedRole[]; readonly saves: number }
  /** A higher fence of this lineage was seen: whoever has that one works there. Nothing was saved. */
  | { readonly outcome: 'fenced'; readonly reason: string }
  /** A role changed meanwhile, the strategy was replaced: read and plan again. Nothing was saved. */
  | { readonly outcome: 'conflict'; readonly reason: string }
  /** Nobody of keepAdministrators would be left: reverted. */
  | { readonly outcome: 'lock-out'; readonly reason: string }
  /** No answer, or none that can be trusted: settle by reading. */
  | { readonly outcome: 'unknown'; readonly reason: string };

/** What a person can act with on a controller, by exact id (User.getById). */
export interface PersonState {
  readonly id: string;
  /** Spelling Jenkins holds; absent where there is no record. */
  readonly record?: string;
  readonly tokens: readonly {
    readonly uuid: string;
    readonly name: string;
    readonly legacy: boolean;
    readonly lastUse?: number;
  }[];
  readonly sshKeys: number;
  readonly sshSessions: number;
  readonly password: boolean;
  /** Somebody logged in since sessions were ended last, and may have one. */
  readonly signedIn?: boolean;
  /** Digests by which it is seen whether a password and a session seed are still those that were left; of a saved record only. */
  readonly marks?: { readonly password: string; readonly seed: string };
  readonly credentials: number;
  /** Builds that run or wait and go back to the person, by way of other builds too. */
  readonly runningBuilds: number;
  readonly queuedBuilds: number;
  /** Every USER and EITHER entry whose SID folds to the id. */
  readonly entries: readonly { readonly type: RoleType; readonly role: string; readonly principal: Principal }[];
  /** Why the record could not be read: what is told of it may lack something. */
  readonly error?: string;
}

/** What is done of somebody who left, in this order (semantics §2). */
export const LEAVER_STEPS = [
  'revoke-tokens',
  'remove-ssh-keys',
  'close-ssh-sessions',
  'scramble-password',
  'end-sessions',
  'remove-entries',
  'delete-record',
  'second-cut',
] as const;

export type LeaverStepKind = (typeof LEAVER_STEPS)[number];

/** What a session that is still open can make anew, and `second-cut` takes once more. */
export const TAKEN_AGAIN = [
  'revoke-tokens',
  'remove-ssh-keys',
  'close-ssh-sessions',
] as const satisfies readonly LeaverStepKind[];

export type TakenAgain = (typeof TAKEN_AGAIN)[number];

export interface LeaverOrder {
  readonly id: string;
  readonly steps: readonly LeaverStepKind[];
  /** Of `second-cut`: what it takes once more; absent: all of it. */
  readonly again?: readonly TakenAgain[];
  /** `all`: hand-made entries fall too; otherwise exactly these. */
  readonly entries: 'all' | readonly { readonly role: RoleKey; readonly principal: Principal }[];
}

export interface LeaverResult {
  readonly id: string;
  readonly steps: readonly {
    readonly kind: LeaverStepKind;
    /** Milliseconds since the epoch, by our clock. */
    readonly at: number;
    readonly done: boolean;
    readonly count?: number;
    readonly reason?: string;
  }[];
  /** Steps this controller cannot do (seeds disabled …). */
  readonly missing: readonly LeaverStepKind[];
  /** What was read back after the last step. */
  readonly after: PersonState;
  readonly error?: string;
}

/** Jobs that anybody starts who knows their token, whatever the person's own rights. */
export interface RemoteTriggers {
  readonly count: number;
  /** Full names of the first of them. */
  readonly jobs: readonly string[];
  /** false: not every job could be looked at. */
  readonly whole: boolean;
}

/** What an id held that somebody was just linked to: it may be in other hands than theirs. Only what is there; no secrets. */
export interface OlderCredentials {
  /** As it was asked for. */
  readonly id: string;
  /** The spelling Jenkins holds. */
  readonly record: string;
  /** The first of them. Times are milliseconds since the epoch, by the controller's clock. */
  readonly tokens: readonly {
    readonly uuid: string;
    readonly name: string;
    readonly legacy: boolean;
    readonly created?: number;
    readonly lastUse?: number;
  }[];
  readonly tokenCount: number;
  /** The first of them; `fingerprint` as OpenSSH writes it, `SHA256:…`, absent where the line is no key. */
  readonly sshKeys: readonly { readonly type: string; readonly fingerprint?: string }[];
  readonly sshKeyCount: number;
  /** SSH connections that are open. Jenkins lists no sessions of browsers. */
  readonly sshSessions: number;
  /** A password of the local realm. */
  readonly password: boolean;
  /** In the user's own scope: whoever has the id can use them. */
  readonly credentials: number;
  /** Why the record could not be read. */
  readonly error?: string;
}

/** What one script told of ids; of one that the controller does not know, nothing. */
export interface OlderAnswer {
  readonly known: readonly OlderCredentials[];
  /** Ids that were not reached, in the order asked. Fewer than were asked. */
  readonly rest: readonly string[];
}

/** What came of a cut; `unknown` means: read. */
export interface CutOutcome {
  readonly outcome: 'done' | 'fenced' | 'unknown';
  readonly results: readonly LeaverResult[];
  readonly reason?: string;
  /** As of the last script; absent where none was run. */
  readonly remoteTriggers?: RemoteTriggers;
}

/** How often the API tokens of the service's own account were used, the question included (ApiTokenStats). */
export interface TokenUses {
  /** Whether Jenkins counts: "API token usage statistics" of its security settings. */
  readonly counted: boolean;
  readonly tokens: readonly { readonly uuid: string; readonly uses: number }[];
}

/** An API token that was just made; Jenkins tells its value once. */
export interface MadeToken {
  readonly uuid: string;
  readonly value: string;
}

/** One controller, one authorization strategy, one driver. Conformance: `test/jenkins/conformance.ts`. @throws ScimError JEN_* */
export interface Controller {
  readonly name: string;
  whoAmI(): Promise<WhoAmI>;
  probe(): Promise<Capabilities>;
  uses(): Promise<TokenUses>;
  /** Makes an API token of the service's own account, as itself over REST. @throws ScimError JEN_*: one may be there all the same */
  createToken(name: string): Promise<MadeToken>;
  /** Revokes one of the service's own account; none of that id is there afterwards. */
  revokeToken(uuid: string): Promise<void>;
  observe(): Promise<Observed>;
  /** A cheap digest of the strategy and the session, to notice that something changed. */
  fingerprint(): Promise<{ readonly fingerprint: string; readonly session: string }>;
  apply(batch: StrategyBatch): Promise<BatchOutcome>;
  people(ids: readonly string[]): Promise<readonly PersonState[]>;
  /** What ids hold, by exact id, as far as one script gets; no record is made. */
  older(ids: readonly string[]): Promise<OlderAnswer>;
  /** Everyone who has a record, slim, paged inside; for ghosts. */
  inventory(): Promise<readonly PersonState[]>;
  /** Runs the steps for each; one person's failure never stops another. */
  cut(fence: number, orders: readonly LeaverOrder[]): Promise<CutOutcome>;
  close(): Promise<void>;
}
