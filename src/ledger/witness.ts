import type { Kysely } from 'kysely';
import type { Breathe } from '../access/ports/store.ts';
import type { Tables } from '../store/tables.ts';

/** A direct membership as it is stored. */
interface StoredEdge {
  readonly group: string;
  /** SCIM id of a user or a group. */
  readonly member: string;
  /** The request that is said to have made it. */
  readonly request: string | null;
}

/** Somebody as they are stored. */
type StoredPerson = Pick<Tables['users'], 'id' | 'user_name' | 'external_id' | 'email' | 'active'>;

/**
 * Holds what is stored against records that only the service can have written, inside a transaction or a reading: who can write to the
 * database alone can make everything but these.
 */
export interface Witness {
  /** The last record of one kind about something. */
  last(db: Kysely<Tables>, subject: Subject, kind: string): Promise<Witnessed | undefined>;
  /** Whether a membership was made by the request that is said to have made it, and nothing took it out since. */
  edge(db: Kysely<Tables>, edge: StoredEdge): Promise<boolean>;
  /** People and groups that are in a group by the last records that tell of them; also where what took them out does not verify. */
  members(db: Kysely<Tables>, group: string, breathe: Breathe): Promise<ReadonlySet<string>>;
  /** The same of a group that may have been deleted: as it was then. */
  lastMembers(db: Kysely<Tables>, group: string, breathe: Breathe): Promise<ReadonlySet<string>>;
  /** What a group was ever called, and the externalIds it ever had. */
  group(db: Kysely<Tables>, group: string): Promise<WitnessedGroup>;
  /** Whether somebody is called, and is active, as the last records of them have it; not where their values were erased. */
  person(db: Kysely<Tables>, person: StoredPerson): Promise<boolean>;
  /**
   * Whether an operator said that somebody leaves, and since then neither did they come back, by the provider's word or an operator's,
   * nor was everything done on that controller, where one is named.
   */
  declared(db: Kysely<Tables>, person: string, controller?: string): Promise<boolean>;
  /** The last record (its id) by which operators let a connection go on; 0 for none. */
  resumed(db: Kysely<Tables>, connection: string): Promise<number>;
  /** The policy (digest) that came into force last for the first time; undefined where none ever did. */
  newestPolicy(db: Kysely<Tables>): Promise<string | undefined>;
  /** What operators let through on a controller, the last first. */
  releases(db: Kysely<Tables>, controller: string): Promise<readonly Release[]>;
  /** What operators said no to on a controller, the last first. */
  rejections(db: Kysely<Tables>, controller: string, breathe: Breathe): Promise<readonly Rejection[]>;
  /** What was done on a controller to these people, and to none, after a record (its id). */
  doneSince(db: Kysely<Tables>, controller: string, people: readonly string[], record: number): Promise<Done[]>;
}

/** What a record is about: its `subject_kind` and `subject_id`. */
interface Subject {
  readonly kind: string;
  readonly id: string;
}

/** A record as it was written; without its personal values where they were erased, or are others. */
export interface Witnessed {
  readonly body: unknown;
  readonly personal: Readonly<Record<string, string>>;
}

interface WitnessedGroup {
  readonly names: ReadonlySet<string>;
  readonly externalIds: ReadonlySet<string>;
}

/** What one record tells of a release: the steps (`stepDigest`), and the people by SCIM id. */
export interface Release {
  /** Its place among the records. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly keys: readonly string[];
  readonly named: readonly string[];
}

/** What one record tells of a rejection; records of before 28 November 2026 name no steps, but the digest and how many people. */
export interface Rejection extends Pick<Release, 'id' | 'named'> {
  readonly digest: string;
  readonly keys?: readonly string[];
  readonly people: number;
}

/** What one record tells of a change of a role or its entries. */
export interface Done {
  readonly id: number;
  readonly kind: string;
  /** SCIM id of whom it is about, where it is about somebody. */
  readonly person?: string;
  /** The rules it follows from. */
  readonly rules: readonly string[];
  /** `type:name`. */
  readonly role: string;
}
