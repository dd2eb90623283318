import type { AttributePath, Filter } from './filter/filter.ts';

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
}

export interface Page<T> {
  readonly total: number;
  readonly resources: readonly T[];
}
