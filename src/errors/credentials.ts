import type { Entry } from './entry.ts';

/** Part of the catalogue: tokens, clients, JWTs of others. */
export const CREDENTIAL_ERRORS = {
  AUTH_MISSING: {
    message: 'No bearer token was sent',
    status: 401,
    remedy: 'Send `Authorization: Bearer <token>`; make one with `jenkins-scim token create`.',
  },
  AUTH_INVALID: {
    message: 'The bearer token is not valid',
    status: 401,
    remedy: 'It may be wrong, expired or revoked: `jenkins-scim token list` tells.',
  },
  AUTH_TWICE: {
    message: 'Behind Bearer the word Bearer is there once more',
    status: 401,
    remedy: 'Enter the token alone, without the word Bearer before it: the identity provider adds that.',
  },
  AUTH_SCOPE: { message: 'The token lacks the scope {scope}', status: 403, remedy: 'Create a token with that scope.' },
  AUTH_THROTTLED: {
    message: 'Too many failed attempts from this address',
    status: 429,
    remedy: 'Wait for Retry-After seconds.',
  },
  AUTH_ORDER: {
    message: 'No such token can be made: {reason}',
    status: 400,
    remedy: 'See `jenkins-scim token create --help`.',
  },
  AUTH_UNKNOWN: { message: 'There is no token {id}', status: 404, remedy: '`jenkins-scim token list` shows the ids.' },
  AUTH_ISSUER: {
    message: 'There are no JWTs {id}: {known}',
    status: 404,
    remedy: '`jwt:CONNECTION` names what the issuer of a connection signs (`jwt:` in the configuration).',
  },
  AUTH_ISSUED: {
    message: 'JWTs of {id} belong to their issuer and cannot be revoked one by one',
    status: 409,
    remedy:
      'Revoke it at the issuer. `--compromised --since T` refuses all that were issued until now, takes back what people gained by what they did, and holds what people gain; to shut the issuer out, remove `jwt:` of the connection and restart the service.',
  },
  AUTH_KEYS: {
    message: 'The keys of the issuer of this token cannot be had now',
    status: 503,
    remedy:
      'Try again after Retry-After seconds; the log of the service tells why, `jwks:` of the connection is the address.',
  },
  AUTH_ROTATION: {
    message: 'The credential {id} cannot be rotated so: {reason}',
    status: 409,
    remedy: '`jenkins-scim token list` shows which rotations are under way.',
  },
  AUTH_CLIENT: {
    message: 'The client could not be authenticated',
    status: 401,
    remedy:
      'Use the id and secret of `jenkins-scim token create --oauth` with HTTP Basic, or a signed assertion (docs/tokens.md).',
  },
  AUTH_REQUEST: {
    message: '{reason}',
    status: 400,
    remedy: 'Send grant_type=client_credentials as application/x-www-form-urlencoded (RFC 6749 §4.4.2).',
  },
  AUTH_GRANT: {
    message: 'Only the grant client_credentials is given here',
    status: 400,
    remedy: 'Send grant_type=client_credentials (RFC 6749 §4.4.2).',
  },
  AUTH_SCOPES: {
    message: 'The client may not have all of these scopes',
    status: 400,
    remedy: 'Ask for scopes the client was made with, or for none to get all of them.',
  },
} as const satisfies Readonly<Record<string, Entry>>;
