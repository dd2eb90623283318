import type { AttributePath, Filter } from './filter/filter.ts';

/** Where a resource stands in a list: what it is sorted by (the first characters of a text), its creation, its id. */
export interface Place {
  /** Null where it has no value, or where nothing is sorted by. */
  readonly key: string | number | null;
  readonly createdAt: string;
  readonly id: string;
}

/** A list request as the directory understands it (RFC 7644 §3.4.2). */
export interface Query {
  readonly filter?: Filter;
  readonly sortBy?: AttributePath;
  readonly sortOrder: 'ascending' | 'descending';
  /** From 1. */
  readonly startIndex: number;
  /** 0 asks for the total only. */
  readonly count: number;
  /** Whether groups (of users) or members (of groups) are read at all. */
  readonly related: boolean;
  /** A page by its place instead of `startIndex` (RFC 9865): behind `after`, or the first; the total only where it is `counted`. */
  readonly cursor?: { readonly after?: Place; readonly counted: boolean };
}

export interface Page<T> {
  /** 0 where it was not asked for. */
  readonly total: number;
  readonly resources: readonly T[];
  /** About how many resources had to be looked through for it, times what was compared of each; absent where an index gave them. */
  readonly looked?: number;
  /** By cursor: where each resource stands, and whether more follow. */
  readonly places?: readonly Place[];
  readonly more?: boolean;
}
