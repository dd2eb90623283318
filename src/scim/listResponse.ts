import type { Attributes } from './resource.ts';
import { LIST_RESPONSE } from './urns.ts';

/** Body of RFC 7644 §3.4.2; numbers are integers, `Resources` is there even when it is empty. */
export interface ListResponse {
  readonly schemas: readonly [typeof LIST_RESPONSE];
  readonly totalResults: number;
  /** Absent in pages by cursor. */
  readonly startIndex?: number;
  /** By cursor, where more follow (RFC 9865 §2). */
  readonly nextCursor?: string;
  readonly itemsPerPage: number;
  readonly Resources: readonly Attributes[];
}

export function listResponse(total: number, startIndex: number, resources: readonly Attributes[]): ListResponse {
  return {
    schemas: [LIST_RESPONSE],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

/** A page by cursor; `next` where more follow. */
export function cursorResponse(
  total: number,
  resources: readonly Attributes[],
  next: string | undefined,
): ListResponse {
  return {
    schemas: [LIST_RESPONSE],
    totalResults: total,
    itemsPerPage: resources.length,
    ...(next === undefined ? {} : { nextCursor: next }),
    Resources: resources,
  };
}
