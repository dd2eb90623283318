import type { Entry } from './entry.ts';

/** Entries of the catalogue for RFC 7644 §3.7 and RFC 9865. */
export const BULK_AND_CURSORS = {
  SCIM_BULK_LIMIT: {
    message: 'The bulk request has {count} operations; maxOperations is {limit}',
    status: 413,
    remedy: 'Send several bulk requests of at most {limit} operations.',
  },
  SCIM_BULK_OPERATION: {
    message: '{reason}',
    status: 400,
    scimType: 'invalidValue',
    remedy: 'See RFC 7644 §3.7 for what an operation of a bulk request holds.',
  },
  SCIM_BULK_REFERENCE: {
    message: 'The operation refers to bulkId {reference}, and that operation failed',
    status: 409,
    remedy: 'Mend the operation that is referred to and send both again.',
  },
  SCIM_BULK_CIRCLE: {
    message: 'The operation refers to others in a circle of {count}; at most {limit} are resolved',
    status: 409,
    remedy: 'Create the resources first, and let them refer to each other by a second request.',
  },
  SCIM_CURSOR: {
    message: 'The cursor is not valid for this request',
    status: 400,
    scimType: 'invalidCursor',
    remedy: 'Send it with the token, filter and order it was given for, or begin again with an empty cursor.',
  },
  SCIM_CURSOR_EXPIRED: {
    message: 'The cursor is older than {seconds} seconds',
    status: 400,
    scimType: 'expiredCursor',
    remedy: 'Begin again with an empty cursor.',
  },
  SCIM_CURSOR_COUNT: {
    message: 'The count is {given}, and the pages of this cursor have {count}',
    status: 400,
    scimType: 'invalidCount',
    remedy: 'Send the count of the first page, or none.',
  },
} as const satisfies Record<string, Entry>;
