import type { Finding } from '../access/finding.ts';
import type { TokenRecord } from '../credentials/credentials.ts';
import type { PauseProbe } from '../doctor/probes.ts';
import type { Doubt } from '../ledger/exported.ts';
import type { OlderLink } from '../sync/older/olderListed.ts';

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

/** What lint found; the digest of the files is absent where an error refuses them. */
export interface PolicyLint {
  readonly digest?: string;
  readonly findings: readonly Finding[];
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

/** What an export of the ledger gave back; `unproven` is what was first wrong in one that was taken all the same. */
export interface Recovered {
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
