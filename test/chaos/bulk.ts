import type { ConnectionName } from './configuration.ts';
import type { Walker } from './walker.ts';

export const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

/** One operation, by RFC 7644 §3.7. */
export function bulk(walker: Walker, connection: ConnectionName, method: string, path: string, data?: unknown) {
  return walker.scim(connection, 'POST', '/Bulk', {
    schemas: [BULK],
    Operations: [{ method, path, bulkId: 'x', ...(data === undefined ? {} : { data }) }],
  });
}
