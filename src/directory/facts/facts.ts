import type { Kysely } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { GroupFact, PersonFact } from '../../policy/facts.ts';
import type { Tables } from '../../store/tables.ts';

/** Somebody who was deleted: the keys they had, for debts (semantics §1). */
export interface Tombstone {
  readonly id: string;
  readonly connection: string;
  readonly userName: string;
  readonly externalId?: string;
  readonly email?: string;
  /** ISO instant. */
  readonly deletedAt: string;
  readonly request?: string;
  readonly credential?: string;
}

/** A dirty mark: compare `seq` when clearing, so that a mark renewed meanwhile stays. */
export interface DirtyMark {
  readonly kind: 'user' | 'group';
  readonly id: string;
  readonly seq: number;
  /** ISO instant of the commit that marked it first, for the lag. */
  readonly markedAt: string;
  readonly request?: string;
}

/** What the reconciler reads; functions over an open read or write transaction. People come in no particular order. */
export interface FactsReader {
  /** `counting` says whose members are asked about; memberships in other groups are left out, nothing else is. */
  everyone(
    db: Kysely<Tables>,
    breathe: Breathe,
    counting?: (groups: ReadonlyMap<string, GroupFact>) => ReadonlySet<string>,
  ): Promise<{ people: PersonFact[]; groups: Map<string, GroupFact>; tombstones: Tombstone[] }>;
  /** These people (groups are expanded to their members, nested ones too), with all groups above them. */
  some(
    db: Kysely<Tables>,
    marks: readonly Pick<DirtyMark, 'kind' | 'id'>[],
    breathe: Breathe,
  ): Promise<{ people: PersonFact[]; groups: Map<string, GroupFact>; tombstones: Tombstone[] }>;
  /** The people in these groups, nested ones included. */
  below(db: Kysely<Tables>, groups: readonly string[], breathe: Breathe): Promise<string[]>;
  dirty(db: Kysely<Tables>, limit: number): Promise<DirtyMark[]>;
  clear(db: Kysely<Tables>, marks: readonly DirtyMark[]): Promise<void>;
}
