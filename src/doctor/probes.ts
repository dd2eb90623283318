import type { Finding } from '../access/finding.ts';
import type { Capabilities, Observed, PersonState, WhoAmI } from '../access/ports/controller.ts';
import type { HttpAnswer } from '../access/ports/http.ts';
import type { Config, ControllerConfig } from '../config/schema.ts';
import type { RotationPlace } from '../credentials/credentials.ts';
import type { UnreadIssuer } from '../credentials/external/keySet.ts';
import type { Usage } from '../directory/quotas/usage.ts';
import type { NotUnique } from '../directory/unique/notUnique.ts';
import type { ScimError } from '../errors.ts';
import type { HeldUntil } from '../plan/guard/ceiling.ts';
import type { ServerState } from '../store/serverState.ts';
import type { DiskProbe } from './disk.ts';

/** A file that matters and the problem its mode is, if any. */
export interface FileProbe {
  readonly path: string;
  readonly purpose: 'configuration' | 'policy' | 'key' | 'database' | 'secret';
  /** Permission bits; absent where the file is not there. */
  readonly mode?: number;
  /** The owner's private group (gid = uid) counts as the owner. */
  readonly privateGroup?: boolean;
}

export interface TokenProbe {
  readonly id: string;
  readonly connection?: string;
  /** Milliseconds since the epoch: it expires, or a rotation ends it; absent where it never ends. */
  readonly expiresAt?: number;
  /** Whether it may write. */
  readonly pushes: boolean;
  readonly revoked: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  /** Where a rotation of it is under way. */
  readonly rotation?: RotationPlace;
}

interface ConnectionProbe {
  readonly name: string;
  /** Milliseconds since the epoch of the last request with a valid token that may write; absent where there was none. */
  readonly lastHeard?: number;
  /** What it has of what it may have. */
  readonly usage?: readonly Usage[];
}

/** What a controller said, or why it said nothing. Later parts are absent where an earlier one failed. */
export interface ControllerProbe {
  readonly config: ControllerConfig;
  /** CFG_SECRET, CFG_FILE_MODE or JEN_*: the first thing that failed. */
  readonly error?: ScimError;
  readonly whoAmI?: WhoAmI;
  readonly capabilities?: Capabilities;
  readonly observed?: Observed;
  /** What the break-glass accounts are there. */
  readonly breakGlass?: readonly PersonState[];
  /** Our clock when `capabilities.time` was read. */
  readonly readAt?: number;
}

export interface LeaverProbe {
  /** As commands take it: the userName, or the SCIM id of somebody who was deleted. */
  readonly user: string;
  /** What somebody who was deleted was called. */
  readonly formerly?: string;
  readonly controller: string;
  /** Milliseconds since the epoch of the deactivation, or of the rename. */
  readonly since: number;
  /** They did not leave: it is about an id they gave up. */
  readonly stays?: boolean;
  /** A ceiling keeps it from being done. */
  readonly held: boolean;
}

/** Steps of a controller that are held and not rejected, by what lets them through. */
export interface HeldProbe {
  readonly controller: string;
  readonly steps: number;
  readonly until: HeldUntil;
}

/** Of a controller: ids that held something before they were linked, and ids that nobody could ask about yet. */
export interface OlderProbe {
  readonly controller: string;
  readonly found: number;
  /** Of these, taken over from somebody who neither left nor is called otherwise. */
  readonly takenOver: number;
  readonly unasked: number;
}

/** What a controller counted of the uses of our tokens, when the service looked last. Instants are RFC 3339. */
export interface UsesProbe {
  readonly controller: string;
  readonly account: string;
  /** Whether it counts at all. */
  readonly counted: boolean;
  /** How many API tokens the account had at the last look; absent where nothing is known since a restore. */
  readonly tokens?: number;
  /** Uses that were not ours, of tokens that are still there, between two looks; absent where there are none. */
  readonly others?: { readonly count: number; readonly after: string; readonly before: string };
}

/** How the service met a controller last. Instants are RFC 3339. */
interface SeenProbe {
  readonly controller: string;
  /** Why it could not be worked on, where nothing went well since. */
  readonly problem?: { readonly at: string; readonly reason: string };
  /** When another service wrote there last, by the controller's clock, where that was lately. */
  readonly otherServiceAt?: string;
}

/** Somebody whose name a rule has that was first about another; ids of SCIM. */
interface NamesakeProbe {
  readonly rule: string;
  readonly connection: string;
  readonly userName: string;
  readonly person: string;
  readonly first: string;
}

/** Our clock (on PostgreSQL the server's) and the highest time that was believed; milliseconds since the epoch. */
interface ClockProbe {
  readonly now: number;
  readonly highest: number;
}

/** What an operator stopped, or a restored database holds. */
export interface PauseProbe {
  readonly kind: 'connection' | 'controller';
  readonly name: string;
  readonly onHold: boolean;
}

/** What only the database and the keys of issuers tell. */
export interface StoredProbes {
  readonly tokens: readonly TokenProbe[];
  /** Connections whose issuer's keys cannot be read from here. */
  readonly issuers?: readonly UnreadIssuer[];
  readonly connections: readonly ConnectionProbe[];
  readonly leavers: readonly LeaverProbe[];
  readonly held: readonly HeldProbe[];
  readonly paused: readonly PauseProbe[];
  /** Attributes of extensions whose values should be unique and are not. */
  readonly notUnique?: readonly NotUnique[];
  readonly older?: readonly OlderProbe[];
  /** Ids that people were linked to before the service asked what they held, and nobody had it asked since. */
  readonly neverAsked?: readonly { readonly controller: string; readonly ids: number }[];
  readonly uses?: readonly UsesProbe[];
  readonly seen?: readonly SeenProbe[];
  /** Rules for one person whose name is another person's now. */
  readonly namesakes?: readonly NamesakeProbe[];
  readonly clock?: ClockProbe;
  /** What the database server is like; absent for a file. */
  readonly server?: ServerState;
}

/** Everything the checks judge, gathered once. */
export interface Probes extends StoredProbes {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly config: Config;
  readonly files: readonly FileProbe[];
  /** Of an embedded database that is there. */
  readonly disk?: DiskProbe;
  readonly controllers: readonly ControllerProbe[];
  /** Why database or keys could not be used; tokens, connections, leavers, held and paused are empty then, and nothing is known of the clock. */
  readonly storageError?: ScimError;
  /** What lint says; absent where no policy could be read. */
  readonly policy?: readonly Finding[];
  readonly policyError?: ScimError;
  /** What a plan finds about roles and rules on the controllers that answered. */
  readonly planned?: readonly Finding[];
  /** Answer to an anonymous GET of /scim/v2/ServiceProviderConfig under the external URL, or the reason of none. */
  readonly external?: { readonly answer: HttpAnswer } | { readonly failure: string };
}
