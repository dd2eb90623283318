import type { Config } from '../config/schema.ts';
import type { Compromise } from '../credentials/compromise.ts';
import type { Made } from '../credentials/credentials.ts';
import type { RotationEnd, RotationOrder } from '../credentials/rotations.ts';
import type { StoredProbes } from '../doctor/probes.ts';
import type { ExportEnd } from '../ledger/exported.ts';
import type { ExportVerification } from '../ledger/verifyExport.ts';
import type { Ghost } from '../sync/ids/ghosts.ts';
import type { Applied } from '../sync/orders/orders.ts';
import type {
  BackedUp,
  ClockView,
  DirectoryGroup,
  HeldPlan,
  OlderAsked,
  OlderList,
  OwnTokenMade,
  OwnTokensRevoked,
  PlanView,
  Recovered,
  TokenRow,
  Unread,
} from './answers.ts';
import type { Certificate } from './print/certificate.ts';
import type { Explanation } from './print/explanation.ts';

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

/** What lint may look at beside the policy. */
export interface PolicySurroundings {
  readonly config?: Config;
  readonly groups?: readonly DirectoryGroup[];
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
  /** For the doctor. */
  probes(): Promise<StoredProbes & { readonly groups: readonly DirectoryGroup[] }>;
  /** Listens and reconciles until `stop`, which drains. A replica may do one of both; health and metrics it always answers. */
  serve(options?: { readonly only?: readonly ServePart[] }): Promise<Running>;
  close(): Promise<void>;
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
