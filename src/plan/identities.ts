import type { Finding } from '../access/finding.ts';
import type { IdStrategy } from '../access/principal.ts';
import type { IdentityConfig } from '../config/schema.ts';
import type { NamedPerson } from './plan.ts';

/** Somebody the directory knows; `PersonFact` and, with `active: false`, `Tombstone` satisfy it. */
export interface DirectoryPerson {
  readonly id: string;
  readonly connection: string;
  readonly userName: string;
  readonly externalId?: string;
  readonly email?: string;
  readonly active: boolean;
}

/** Which person a Jenkins id belongs to on one controller. One row per folded id. */
export interface Claim {
  readonly foldedId: string;
  /** As Jenkins spells it. */
  readonly id: string;
  readonly person: string;
  readonly connection: string;
  /** `leaving`: the owner left or is called otherwise now; nobody else gets the id until the debt is paid. */
  readonly state: 'current' | 'leaving';
}

export interface IdentityInput {
  /** People in scope, and the owners of the claims below as far as they are known. */
  readonly people: readonly DirectoryPerson[];
  readonly tombstones: readonly Omit<DirectoryPerson, 'active'>[];
  /** Stored claims of this controller: of those people, and of the ids they map to (`mappedId`, folded). */
  readonly claims: readonly Claim[];
  /**
   * Ids that people had between two looks and gave up again (`leaving`); nobody else has them. They are owed whatever was paid there.
   */
  readonly passed?: readonly Claim[];
  readonly identity: IdentityConfig;
  readonly ids: IdStrategy;
  /** `protect.users`, `breakGlass` and the account of the service; see `protection`. */
  readonly isProtected: (id: string) => boolean;
  readonly primary: string;
  /** Whether a connection may reach this controller. */
  readonly reaches: (connection: string) => boolean;
  /** Debts that are verified paid: they free the id of somebody who left, unless it was theirs again since. */
  readonly paid: readonly { readonly person: string; readonly foldedId: string }[];
  /** Unpaid debts whose id an operator gave free all the same. */
  readonly released: readonly { readonly person: string; readonly foldedId: string }[];
  /** Unpaid debts at ids of `claims`, of whomever: no operator gave the id free of these. */
  readonly owing: readonly { readonly person: string; readonly foldedId: string }[];
}

/** Why somebody has no id on a controller now. */
export type NoId =
  | 'inactive'
  | 'deleted'
  | 'connection'
  /** The attribute has no value. */
  | 'absent'
  | 'reserved'
  | 'protected'
  /** It belongs to somebody else. */
  | 'contested';

/** What a person is called on a controller; an active one who cannot have the id wanted keeps the old one, with a finding. */
export type Identity =
  | { readonly id: string; readonly foldedId: string; readonly wanted?: string; readonly problem?: NoId }
  | { readonly none: NoId; readonly wanted?: string };

/** What an id owes to the leaver steps of semantics §2. */
export interface Owed extends NamedPerson {
  readonly cause: 'leaver' | 'old-id';
}

export interface IdentityMap {
  readonly people: ReadonlyMap<string, Identity>;
  /** All claims known, new ones included, by folded id. */
  readonly owners: ReadonlyMap<string, Claim>;
  /** New and changed claims: rows to write, by folded id. */
  readonly store: readonly Claim[];
  /** Claims to delete. */
  readonly release: readonly Claim[];
  /** Debts that follow from these claims and are not paid. Stored debts may be among them, and there may be others stored. */
  readonly owed: readonly Owed[];
  /** Ids that came back to their owner: open debts there that have not begun are cancelled. */
  readonly regained: readonly { readonly person: string; readonly foldedId: string }[];
  readonly findings: readonly Finding[];
}

/** What one person asks for, and what stands against it without looking at others. */
export interface Wish {
  readonly person: DirectoryPerson;
  readonly gone: 'inactive' | 'deleted' | undefined;
  readonly wanted?: { readonly id: string; readonly foldedId: string };
  readonly problem?: NoId;
}
