import type { FastifyInstance } from 'fastify';
import type { Log } from '../access/ports/log.ts';
import { refuse, ScimError } from '../errors.ts';
import { accessOf } from './gate.ts';
import { answer, formOf } from './refusal.ts';

/** Errors of routes that have no handler of their own: the catalogue's as they are, the framework's translated, others as a bare 500. */
export function failures(app: FastifyInstance, log: Log, bodyLimit: number): void {
  app.setErrorHandler((error, request, reply) => {
    const form = formOf(accessOf(request));
    if (error instanceof ScimError) return answer(request, reply, form, error);
    const known = translated(error, request.routeOptions.bodyLimit ?? bodyLimit, request.headers['content-type']);
    if (known !== undefined) return answer(request, reply, form, known);
    log.error('a request failed', { request: request.id, reason: stackOf(error) });
    return answer(request, reply, form, refuse('SCIM_INTERNAL', { request: request.id }));
  });
}

/** What Fastify refuses by itself, in our words. */
function translated(error: unknown, bodyLimit: number, type: string | undefined): ScimError | undefined {
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return refuse('SCIM_TOO_LARGE', { limit: bodyLimit });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return refuse('SCIM_MEDIA', { type: printable(type) });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return refuse('SCIM_SYNTAX', { reason: 'The request cannot be read' });
  return undefined;
}

function printable(text: string | undefined): string {
  return (text || 'none').replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
