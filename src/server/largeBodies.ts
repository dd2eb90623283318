import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Timers } from '../access/ports/timers.ts';
import { refuse } from '../errors.ts';
import { length, payer, UNWANTED_BYTES } from './gate.ts';
import { Room } from './room.ts';

/** Milliseconds that a body waits for those before it: what is left of the time of a request is enough to send it. */
const PATIENCE_MS = 30_000;
/** Seconds after which it may be sent again. */
const AGAIN_S = 10;

/**
 * Bodies that are large take turns within their connection: as many are read, parsed and worked on at once as have the size of one that is
 * largest. What a request costs is counted when it is answered, and a burst of the largest would have taken all memory by then. Small ones
 * wait for nothing, so that whoever holds a large one back holds up no deactivation. Who waits too long is told when to come again.
 */
export function largeBodies(app: FastifyInstance, bodyLimit: number, timers: Pick<Timers, 'after'>): void {
  const room = new Room(bodyLimit, { timers, patience: PATIENCE_MS });
  // Nothing is awaited for a small body: it is on the way of every request.
  app.addHook('preParsing', (request, reply, payload, done) => {
    const who = payer(request);
    if (who === undefined) return done(null, payload);
    if (request.headers['transfer-encoding'] !== undefined) {
      const wait = () => enter(room, who, bodyLimit, reply);
      return done(null, Readable.from(untilLarge(payload, wait), { objectMode: false }));
    }
    const bytes = length(request.headers['content-length']);
    if (bytes <= UNWANTED_BYTES || bytes > bodyLimit) return done(null, payload);
    void enter(room, who, bytes, reply).then(
      () => done(null, payload),
      (error: Error) => done(error),
    );
  });
}

/** Stays until the answer is out, or nobody waits for it any more. @throws ScimError SCIM_TURN */
async function enter(room: Room, who: string, bytes: number, reply: FastifyReply): Promise<void> {
  const { raw } = reply;
  const leave = await room.enter(who, bytes);
  if (leave === undefined) throw refuse('SCIM_TURN', { seconds: AGAIN_S });
  if (raw.closed) return leave();
  raw.once('close', leave);
}

/** A body that does not tell its length is small until it is seen to be large. */
async function* untilLarge(payload: Readable, wait: () => Promise<void>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    const before = bytes;
    bytes += chunk.length;
    if (before <= UNWANTED_BYTES && bytes > UNWANTED_BYTES) await wait();
    yield chunk;
  }
}
