import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../errors.ts';
import { accessOfPath, plainPath, writtenPath } from './gate.ts';
import { answer, everywhere, formOf } from './refusal.ts';
import { anonymous } from './requestLog.ts';

/**
 * Unknown addresses: what looks like SCIM is told the right base URL, in SCIM form. That is said before the body is looked at: who
 * has the wrong base path needs no word about their content type.
 */
export function notFound(app: FastifyInstance, base: () => string): void {
  const tell = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    // RFC 9110 §9.1: one that no address takes says nothing of this address.
    if (!app.supportedMethods.includes(request.method)) {
      const form = formOf(accessOfPath(request.url));
      return answer(request, reply, form, refuse('SCIM_NO_METHOD', { method: request.method }));
    }
    if (accessOfPath(request.url) === 'scim' || looksLikeScim(plainPath(request.url))) {
      // As it was sent: a slash too many is what may be wrong.
      const path = anonymous(writtenPath(request.url));
      return answer(request, reply, 'scim', refuse('SCIM_ROUTE', { path, base: base() }));
    }
    return answer(request, reply, 'json', refuse('API_ROUTE'));
  };
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return tell(request, reply);
    // The router takes `/Users/` for `/Users/:id` with an empty id.
    const parameters = Object.values((request.params ?? {}) as Record<string, unknown>);
    if (parameters.includes('')) return reply.callNotFound();
  });
  app.setNotFoundHandler(tell);
}

/**
 * A URL that cannot be decoded reaches no hook and no route. Under the guarded bases it is still a 401, but for who sent a token,
 * right or wrong: their URL is what is wrong.
 */
export function badUrl(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const access = accessOfPath(request.url);
  const anonymous = access !== 'public' && request.headers.authorization === undefined;
  const error = anonymous ? refuse('AUTH_MISSING') : refuse('SCIM_URL');
  answer(request, reply.headers(everywhere(request)), access === 'scim' ? 'scim' : 'json', error);
}

/** Whether somebody who asks for this path means a SCIM endpoint. */
function looksLikeScim(path: string): boolean {
  return /(^|\/)(scim|Users|Groups|ServiceProviderConfig|ResourceTypes|Schemas|Bulk|Me|\.search)(\/|$)/i.test(path);
}
