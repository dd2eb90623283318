import type { FastifyInstance } from 'fastify';
import { refuse } from '../errors.ts';
import { accessOf } from './gate.ts';
import { answer, formOf } from './refusal.ts';

/** Of these Node keeps the first one; something between the client and us may have looked at another. */
const SINGULAR: ReadonlyMap<string, string> = new Map([
  ['authorization', 'Authorization'],
  ['host', 'Host'],
]);
const LENGTHS = new Set([...SINGULAR.keys()].map(({ length }) => length));

/**
 * Refuses a request that says twice who asks or whom (RFC 9110 §5.3, §7.2), before it is looked whether either is right: what a proxy
 * has checked may not be what we would read. The connection is closed behind it, for its framing may be as unclear.
 */
export function singularHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const name = repeated(request.raw.rawHeaders);
    if (name === undefined) return done();
    reply.header('connection', 'close');
    answer(request, reply, formOf(accessOf(request)), refuse('SCIM_HEADER', { name }));
  });
}

/** The first of them that is there more than once; `raw` holds names and values in turn. */
function repeated(raw: readonly string[]): string | undefined {
  let seen: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    // Few names have such a length: the others cost no new text.
    if (!LENGTHS.has(name.length)) continue;
    const known = SINGULAR.get(name.toLowerCase());
    if (known === undefined) continue;
    if (seen?.includes(known)) return known;
    seen = (seen ?? '') + known;
  }
  return undefined;
}
