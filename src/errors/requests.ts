import type { Entry } from './entry.ts';

/** What is wrong with a request beside its resource: the URL, the parameters, what it points at. */
export const REQUESTS = {
  SCIM_QUERY: {
    message: '{reason}',
    status: 400,
    scimType: 'invalidValue',
    remedy: 'See RFC 7644 §3.4.2 and §3.9 for the parameters of a query.',
  },
  SCIM_URL: {
    message: 'The URL cannot be read',
    status: 400,
    scimType: 'invalidSyntax',
    remedy: 'Write what is no letter or digit percent-encoded, in UTF-8; an id has at most 512 characters.',
  },
  SCIM_HEADER: {
    message: 'The header {name} was sent more than once',
    status: 400,
    scimType: 'invalidSyntax',
    remedy: 'Send it once; where a proxy adds its own, let it replace that of the client.',
  },
  SCIM_SCHEMA: {
    message: '{resource} {id} does not exist',
    status: 404,
    remedy: 'See /Schemas and /ResourceTypes for what there is.',
  },
  SCIM_MEMBERS: {
    message: 'members: there is no user or group with an id that was given',
    status: 400,
    scimType: 'invalidValue',
    remedy: 'Create the person or group first, by the same connection, and name it by the id in the answer.',
  },
} as const satisfies Record<string, Entry>;
