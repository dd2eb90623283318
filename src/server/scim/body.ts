import type { FastifyInstance } from 'fastify';
import { refuse } from '../../errors.ts';
import { parseJson } from '../../scim/json.ts';
import { quoted } from '../../scim/quoted.ts';

/** Reads bodies of both content types (RFC 7644 §3.8); others are a 415, encoded ones, too. Their nesting is looked at before they are parsed. */
export function scimBodies(app: FastifyInstance, deepest: number): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  plainBodiesOnly(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/scim+json', 'application/json'],
    { parseAs: 'buffer' },
    async (_request: unknown, bytes: Buffer) => {
      if (bytes.length === 0) return undefined;
      return parseJson(decode(utf8, bytes), deepest);
    },
  );
}

/** Nothing is ever inflated: a body that is encoded is a 415 before it is read (RFC 9110 §8.4, §12.5.3). */
function plainBodiesOnly(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
    if (encoding === '' || encoding === 'identity') return;
    reply.header('accept-encoding', 'identity');
    throw refuse('SCIM_ENCODING', { encoding: quoted(encoding) });
  });
}

function decode(utf8: InstanceType<typeof TextDecoder>, bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse('SCIM_SYNTAX', { reason: 'The body is not UTF-8' });
  }
}
