import type { Finding } from '../access/finding.ts';
import type { Config } from '../config/schema.ts';
import type { Compromise } from '../credentials/compromise.ts';
import type { Made, TokenRecord } from '../credentials/credentials.ts';
import type { UnreadIssuer } from '../credentials/external/keySet.ts';
import type { RotationEnd, RotationOrder } from '../credentials/rotations.ts';
import type { NotUnique } from '../directory/unique/notUnique.ts';
import type {
  ClockProbe,
  ConnectionProbe,
  HeldProbe,
  LeaverProbe,
  NamesakeProbe,
  OlderProbe,
  PauseProbe,
  SeenProbe,
  TokenProbe,
  UsesProbe,
} from '../doctor/probes.ts';
import type { Doubt, ExportEnd } from '../ledger/exported.ts';
import type { ExportVerification } from '../ledger/verifyExport.ts';
import type { ServerState } from '../store/serverState.ts';
import type { Ghost } from '../sync/ids/ghosts.ts';
import type { OlderLink } from '../sync/older/olderListed.ts';
import type { Applied } from '../sync/orders/orders.ts';
import type { Certificate } from './print/certificate.ts';
import type { Explanation } from './print/explanation.ts';

/** A plan as scripts read it (interfaces.md), and as people do. */
export interface PlanView {
  readonly document: {
    readonly digest: string;
    readonly controllers: readonly {
      readonly name: string;
      readonly steps: readonly unknown[];
      readonly quarantined: readonly unknown[];
      readonly unread: boolean;
      readonly findings?: readonly Finding[];
    }[];
    /** What is stopped by `pause` or on hold after a restore; what it would do adds up. */
    readonly paused?: readonly PauseProbe[];
  };
  text(style: { readonly width: number; readonly colour: boolean }): string;
}

/** Steps that wait for a person. */
export interface HeldPlan {
  readonly digest: string;
  readonly controller: string;
  readonly steps: number;
  readonly ceiling: string;
  readonly reason: string;
  readonly since: string;
  /** Somebody said no: nobody waits for anything. */
  readonly rejected?: true;
}

/** What an id held when somebody was linked to it. Instants are RFC 3339. */
export interface OlderEntry extends Omit<OlderLink, 'foldedId' | 'tokens'> {
  /** The first of them. */
  readonly tokens: readonly (Omit<OlderLink['tokens'][number], 'created' | 'lastUse'> & {
    readonly createdAt?: string;
    readonly lastUsedAt?: string;
  })[];
}

export interface OlderList {
  readonly older: readonly OlderEntry[];
  /** Ids that a controller has not told of yet. */
  readonly unasked: readonly { readonly controller: string; readonly ids: number }[];
}

/** An API token of the service's own account on a controller. */
export interface OwnToken {
  readonly uuid: string;
  readonly name: string;
  readonly createdAt?: string;
  readonly lastUsedAt?: string;
}

export interface OwnTokenMade {
  readonly uuid: string;
  readonly name: string;
  readonly token: string;
  /** Those that are valid beside it, the first fifty. */
  readonly others: readonly OwnToken[];
}

export interface OwnTokensRevoked {
  readonly inUse: string;
  readonly revoked: readonly OwnToken[];
  readonly left: readonly OwnToken[];
}

/** What was asked for anew, and what is listed then; `ids` are those that a controller told of. */
export interface OlderAsked extends OlderList {
  readonly asked: readonly { readonly controller: string; readonly ids: number; readonly error?: string }[];
}

/** A controller that could not be read; the others were. */
export interface Unread {
  readonly controller: string;
  readonly error: string;
}

/** A credential without its secret; `list` tells where it stands in a rotation. */
export type TokenRow = TokenRecord;

/** What `token create` and `token rotate start` are told. */
interface TokenWish {
  readonly scopes?: readonly string[];
  readonly networks?: readonly string[];
  readonly expiresAt?: string;
}

/** What a person would get where; policy and facts only, no network. */
export interface PreviewQuery {
  readonly user: string;
  readonly groups: readonly string[];
  readonly controller?: string;
  /** The connection the person is of; absent: the primary one. */
  readonly connection?: string;
}

/** What lint found; the digest of the files is absent where an error refuses them. */
export interface PolicyLint {
  readonly digest?: string;
  readonly findings: readonly Finding[];
}

/** What lint may look at beside the policy. */
export interface PolicySurroundings {
  readonly config?: Config;
  readonly groups?: readonly DirectoryGroup[];
}

/** A group as its connection has pushed it. */
export interface DirectoryGroup {
  readonly connection: string;
  readonly displayName: string;
  readonly externalId?: string;
}

/** Our clock beside the highest time that was believed; instants. */
export interface ClockView {
  readonly now: string;
  readonly highest: string | null;
  /** 0 where it is not behind. */
  readonly behindSeconds: number;
  /** Rules for one person that ended by the highest time, and not by the present one. */
  readonly ended: readonly { readonly rule: string; readonly until: string }[];
}

/** What `pause` and `resume` are about. */
export type PauseTarget =
  | { readonly kind: 'connection' | 'controller'; readonly name: string }
  | { readonly kind: 'all' };

type Selection = { readonly controller?: string };

/**
 * The product as the commands use it: one open database with everything around it. `compose.ts` is the only place that knows
 * what stands behind. Whatever writes to Jenkins goes to the holder of the lease, or takes the lease if nobody has it
 * (semantics §11). @throws ScimError
 */
export interface Engine {
  plan(options: Selection & { readonly user?: string; readonly policy?: string }): Promise<PlanView>;
  apply(
    options: Selection & { readonly saved?: unknown; readonly allowLoss?: string },
    say: Say,
  ): Promise<readonly Applied[]>;
  held(): Promise<readonly HeldPlan[]>;
  showHeld(digest: string): Promise<PlanView>;
  release(digest: string, say: Say): Promise<readonly Applied[]>;
  reject(digest: string): Promise<number>;
  adopt(
    options: Selection & { readonly role?: string },
  ): Promise<{ readonly adopted: number; readonly unread: readonly Unread[] }>;
  disown(options: Selection & { readonly role?: string }): Promise<number>;
  sync(options: Selection & { readonly user?: string }, say: Say): Promise<readonly Applied[]>;
  pause(target: PauseTarget): Promise<void>;
  resume(target: PauseTarget): Promise<void>;
  explain(
    user: string,
    filter: Selection & { readonly permission?: string; readonly item?: string },
  ): Promise<Explanation>;
  leaver(
    user: string,
    options: { readonly now: boolean; readonly lift?: boolean; readonly releaseId?: boolean },
    say: Say,
  ): Promise<Certificate>;
  ghosts(say: Say): Promise<{ readonly ghosts: readonly Ghost[]; readonly unread: readonly Unread[] }>;
  readonly older: {
    list(filter: Selection): Promise<OlderList>;
    /** Without a user, about everybody. */
    ask(which: Selection & { readonly user?: string }, say: Say): Promise<OlderAsked>;
    /** Without a user, of everybody. @returns how many ids */
    keep(which: Selection & { readonly user?: string }): Promise<number>;
    revoke(which: Selection & { readonly user: string }, say: Say): Promise<readonly Applied[]>;
  };
  /**
   * Rebuilds ownership from an export of the ledger (semantics §3). `unproven` takes one that the keys do not prove, too.
   * @throws ScimError LED_EXPORT
   */
  recover(lines: Iterable<string>, options: { readonly unproven: boolean }): Promise<Recovered>;
  detach(controller: string): Promise<number>;
  readonly ownTokens: {
    /** Makes an API token of the service's account, tries it, and has it kept; the others stay valid. It is revoked again where it cannot be. */
    create(controller: string, keep: (token: string) => void): Promise<OwnTokenMade>;
    /** Revokes the others. `force`: also what is newer than the one in use, or was used a moment ago. */
    revokeOthers(controller: string, options: { readonly force: boolean }): Promise<OwnTokensRevoked>;
  };
  readonly tokens: {
    create(
      order: TokenWish & { readonly kind: 'scim' | 'metrics'; readonly connection?: string },
    ): Promise<TokenRow & { readonly token: string }>;
    /** An OAuth 2.0 client, and where it gets its tokens. */
    createClient(order: TokenWish & { readonly connection: string; readonly publicKeys?: string }): Promise<Made>;
    list(): Promise<readonly TokenRow[]>;
    revoke(id: string): Promise<void>;
    /** Ends it, holds what people gain by what it did since then, takes back what they gained, and tells what that was. */
    compromised(
      mark: { readonly id: string; readonly since: string },
      say: Say,
    ): Promise<Compromise & { readonly controllers: readonly Applied[] }>;
    startRotation(order: RotationOrder): Promise<Made & { readonly replaces: string }>;
    completeRotation(id: string): Promise<RotationEnd>;
    cancelRotation(id: string): Promise<RotationEnd>;
  };
  readonly ledger: {
    /** `publicKey` and `anchors` are the texts of files that were kept elsewhere. */
    verify(
      head?: string,
      outside?: { readonly publicKey?: string; readonly anchors?: string },
    ): Promise<{
      readonly records: number;
      readonly head: string;
      readonly anchors: number;
      /** Records that the service has not sealed yet; their MACs were checked. */
      readonly unsealed: number;
    }>;
    /** PEM of the key that signed heads are verified with. */
    publicKey(): string;
    /** Forgets the personal values of somebody for good; how many records had some. */
    erase(user: string): Promise<{ readonly user: string; readonly records: number }>;
    /** Each record as a line; the end of the export, to be written behind them, is absent where there is none. */
    export(line: (text: string) => void): Promise<ExportEnd | undefined>;
    /** Holds an export, and heads that were kept elsewhere (text, as `verify` takes it), against the keys. @throws ScimError LED_EXPORT, LED_BROKEN */
    verifyExport(lines: Iterable<string>, anchors?: string): ExportVerification;
  };
  readonly database: {
    status(): Promise<{
      readonly schema: number;
      readonly users: number;
      readonly groups: number;
      readonly members: number;
      readonly bytes: number;
    }>;
    backup(file: string): Promise<BackedUp>;
  };
  readonly clock: {
    show(): Promise<ClockView>;
    /** The present time is right: time goes on from it. @throws ScimError CLOCK_FINE */
    accept(): Promise<ClockView>;
  };
  /** What only the database and the keys of issuers tell, for the doctor. */
  probes(): Promise<{
    readonly tokens: readonly TokenProbe[];
    readonly issuers?: readonly UnreadIssuer[];
    readonly connections: readonly ConnectionProbe[];
    readonly leavers: readonly LeaverProbe[];
    readonly held: readonly HeldProbe[];
    readonly groups: readonly DirectoryGroup[];
    readonly paused: readonly PauseProbe[];
    readonly notUnique?: readonly NotUnique[];
    readonly older?: readonly OlderProbe[];
    readonly uses?: readonly UsesProbe[];
    readonly seen?: readonly SeenProbe[];
    readonly neverAsked?: readonly { readonly controller: string; readonly ids: number }[];
    readonly namesakes?: readonly NamesakeProbe[];
    readonly clock?: ClockProbe;
    /** What the database server is like; absent for a file. */
    readonly server?: ServerState;
  }>;
  /** Listens and reconciles until `stop`, which drains. A replica may do one of both; health and metrics it always answers. */
  serve(options?: { readonly only?: readonly ServePart[] }): Promise<Running>;
  close(): Promise<void>;
}

/** What an export of the ledger gave back; `unproven` is what was first wrong in one that was taken all the same. */
interface Recovered {
  readonly entries: number;
  readonly roles: number;
  readonly unproven?: Doubt;
}

/** A copy that was made: SHA-256 of the file, hex, and why the ledger does not say so where it cannot. */
export interface BackedUp {
  readonly file: string;
  readonly digest: string;
  readonly unrecorded?: string;
}

/** What a replica may be for (`--only`). */
export const SERVE_PARTS = ['scim', 'sync'] as const;
export type ServePart = (typeof SERVE_PARTS)[number];

/** Tells progress in one line. */
export type Say = (text: string) => void;

export interface Running {
  /** `http://127.0.0.1:8080` */
  readonly listen: string;
  stop(): Promise<void>;
}
