import type { FastifyInstance } from 'fastify';
import type { Timers } from '../access/ports/timers.ts';
import { sizeOf, UNWANTED_BYTES } from './gate.ts';

/** Milliseconds a client may take for a large answer: as long as for a request. */
const PATIENCE_MS = 60_000;

/**
 * A large answer is in memory until it is read. A client that reads a little now and then is never idle: it loses the connection where
 * it has not read all of it in time.
 */
export function largeAnswers(app: FastifyInstance, timers: Pick<Timers, 'after'>): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    const { raw } = reply;
    if (!raw.closed && sizeOf(reply, payload) > UNWANTED_BYTES) {
      const late = timers.after(PATIENCE_MS, () => raw.destroy());
      raw.once('close', () => late.cancel());
    }
    done();
  });
}
