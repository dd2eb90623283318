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
  SCIM_HTTP: {
    message: 'What was sent is no HTTP/1.1',
    status: 400,
    scimType: 'invalidSyntax',
    remedy:
      'Look at the proxy in between, and whether the client speaks TLS to a port without it, or the other way about.',
  },
  SCIM_LATE: {
    message: 'The request did not arrive in time',
    status: 408,
    remedy: 'Send it again; headers may take 10 seconds, all of it 60.',
  },
  SCIM_HEADERS: {
    message: 'The headers are too large',
    status: 431,
    remedy: 'Send at most 100 of them, 32 KB with the URL; a long filter goes into POST /.search.',
  },
  SCIM_HEADER: {
    message: 'The header {name} was sent more than once',
    status: 400,
    scimType: 'invalidSyntax',
    remedy: 'Send it once; where a proxy adds its own, let it replace that of the client.',
  },
  SCIM_NO_METHOD: {
    message: 'The method {method} is not implemented',
    status: 501,
    remedy: 'SCIM is GET, POST, PUT, PATCH and DELETE.',
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
