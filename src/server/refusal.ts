import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ScimError } from '../errors.ts';
import { errorBody } from '../scim/errorBody.ts';
import type { Access } from './access.ts';

/** How a caller expects an error: RFC 7644 §3.12, RFC 6749 §5.2, or small JSON. */
type Form = 'scim' | 'oauth' | 'json';

/** The form that callers of a route understand. */
export function formOf(access: Access | undefined): Form {
  return access === 'scim' ? 'scim' : access === 'client' ? 'oauth' : 'json';
}

/** The headers of every answer, whatever it is. */
export function everywhere(request: FastifyRequest): Record<string, string> {
  return { 'x-request-id': request.id, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
}

/** Answers a request with an error of the catalogue; nothing of the request is repeated but its id. */
export function answer(request: FastifyRequest, reply: FastifyReply, form: Form, error: ScimError): FastifyReply {
  const status = error.status === 0 ? 500 : error.status;
  const headers = challenge(error);
  if (form === 'scim')
    return reply
      .code(status)
      .headers(headers)
      .type('application/scim+json; charset=utf-8')
      .send(JSON.stringify({ ...errorBody(error), status: String(status) }));
  if (form === 'oauth')
    return reply
      .code(status)
      .headers(headers)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ error: oauthError(error), error_description: `${error.code}: ${plain(error.message)}` }));
  return reply
    .code(status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .send(
      JSON.stringify({
        error: { code: error.code, message: error.message, remedy: error.remedy, request: request.id },
      }),
    );
}

/** The words of RFC 6749 §5.2; what the server cannot do is named as in §4.1.2.1. */
function oauthError({ code, status }: ScimError): string {
  if (code === 'AUTH_CLIENT') return 'invalid_client';
  if (code === 'AUTH_GRANT') return 'unsupported_grant_type';
  if (code === 'AUTH_SCOPES') return 'invalid_scope';
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  return status >= 500 || status === 0 ? 'server_error' : 'invalid_request';
}

/** Characters that RFC 6749 §5.2 allows in a description. */
function plain(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'");
}

/** The challenge of a 401 (RFC 6750 §3, RFC 7617 at the token endpoint): an error word only where a token was sent. */
function challenge(error: ScimError): Record<string, string> {
  const realm = 'Bearer realm="jenkins-scim"';
  if (error.code === 'AUTH_MISSING') return { 'www-authenticate': realm };
  if (error.code === 'AUTH_CLIENT') return { 'www-authenticate': 'Basic realm="jenkins-scim", charset="UTF-8"' };
  if (error.status === 401) return { 'www-authenticate': `${realm}, error="invalid_token"` };
  if (error.code === 'AUTH_KEYS') return { 'retry-after': '30' };
  if (error.status === 429 && error.details.seconds !== undefined)
    return { 'retry-after': String(error.details.seconds) };
  if (error.code === 'STORE_RESERVE') return { 'retry-after': '60' };
  if (error.status === 503) return { 'retry-after': '1' };
  return {};
}
