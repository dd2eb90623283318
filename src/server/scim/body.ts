import type { FastifyInstance } from 'fastify';
import { breather } from '../../access/breather.ts';
import type { Timers } from '../../access/ports/timers.ts';
import { refuse } from '../../errors.ts';
import { parseJson } from '../../scim/json.ts';
import { LARGE, parseLargeJson } from '../../scim/largeJson.ts';
import { quoted } from '../../scim/quoted.ts';

/**
 * Reads bodies of both content types (RFC 7644 §3.8); others are a 415, encoded ones, too. Their nesting is looked at before they
 * are parsed. A large one is decoded and parsed in parts, a turn of the event loop between them, so that nobody else waits for it.
 */
export function scimBodies(app: FastifyInstance, deepest: number, timers: Pick<Timers, 'nextTurn'>): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const pause = breather(timers);
  plainBodiesOnly(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/scim+json', 'application/json'],
    { parseAs: 'buffer' },
    async (_request: unknown, bytes: Buffer) => {
      if (bytes.length === 0) return undefined;
      if (bytes.length > LARGE) return parseLargeJson(await decodeLarge(bytes, pause), deepest, pause);
      return parseJson(
        decode(() => utf8.decode(bytes)),
        deepest,
      );
    },
  );
}

async function decodeLarge(bytes: Buffer, pause: () => Promise<void>): Promise<string> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += LARGE) {
    const part = bytes.subarray(at, at + LARGE);
    parts.push(decode(() => utf8.decode(part, { stream: at + LARGE < bytes.length })));
    await pause();
  }
  return parts.join('');
}

/** Nothing is ever inflated: a body that is encoded is a 415 before it is read (RFC 9110 §8.4, §12.5.3). */
function plainBodiesOnly(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
    if (encoding === '' || encoding === 'identity') return done();
    reply.header('accept-encoding', 'identity');
    done(refuse('SCIM_ENCODING', { encoding: quoted(encoding) }));
  });
}

function decode(run: () => string): string {
  try {
    return run();
  } catch {
    throw refuse('SCIM_SYNTAX', { reason: 'The body is not UTF-8' });
  }
}
