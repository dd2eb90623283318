import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ScimError } from '../errors.ts';
import { errorBody } from '../scim/errorBody.ts';

/** How a caller expects an error: RFC 7644 §3.12, or small JSON. */
export type Form = 'scim' | 'json';

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

/** The challenge of a 401 (RFC 6750 §3): an error word only where a token was sent. */
function challenge(error: ScimError): Record<string, string> {
  const realm = 'Bearer realm="jenkins-scim"';
  if (error.code === 'AUTH_MISSING') return { 'www-authenticate': realm };
  if (error.status === 401) return { 'www-authenticate': `${realm}, error="invalid_token"` };
  if (error.status === 503) return { 'retry-after': '1' };
  return {};
}
