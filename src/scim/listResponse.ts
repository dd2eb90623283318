import type { Attributes } from './resource.ts';
import { LIST_RESPONSE } from './urns.ts';

/** Body of RFC 7644 §3.4.2 without its resources; numbers are integers. */
export interface ListHead {
  readonly schemas: readonly [typeof LIST_RESPONSE];
  readonly totalResults: number;
  /** Absent in pages by cursor. */
  readonly startIndex?: number;
  /** By cursor, where more follow (RFC 9865 §2). */
  readonly nextCursor?: string;
  readonly itemsPerPage: number;
}

/** The whole of it: `Resources` is there even when it is empty. */
interface ListResponse extends ListHead {
  readonly Resources: readonly Attributes[];
}

export function listResponse(total: number, startIndex: number, resources: readonly Attributes[]): ListResponse {
  return { ...listHead(total, startIndex, resources.length), Resources: resources };
}

/** A page from a place on. */
export function listHead(total: number, startIndex: number, count: number): ListHead {
  return { schemas: [LIST_RESPONSE], totalResults: total, startIndex, itemsPerPage: count };
}

/** A page by cursor; `next` where more follow. */
export function cursorHead(total: number, count: number, next: string | undefined): ListHead {
  return {
    schemas: [LIST_RESPONSE],
    totalResults: total,
    itemsPerPage: count,
    ...(next === undefined ? {} : { nextCursor: next }),
  };
}
