import type { FastifyInstance } from 'fastify';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';

/** Connections at a time. Each is a file handle, and what the service does for leavers needs handles of its own. */
const MOST = 2_000;
const TELL_EVERY = 60_000;

/**
 * Anybody who reaches the service can open connections, before any token. When there are too many, one more is closed, and so are all on
 * which nobody waits for anything: whoever holds many open keeps no identity provider out, which tries again.
 */
export function limitConnections({ server }: FastifyInstance, { clock, log }: { clock: Clock; log: Log }): void {
  let toldAt = Number.NEGATIVE_INFINITY;
  server.maxConnections = MOST;
  server.on('drop', () => {
    server.closeIdleConnections();
    if (clock.monotonic() - toldAt < TELL_EVERY) return;
    toldAt = clock.monotonic();
    log.warn('too many connections: idle ones are closed', { limit: server.maxConnections });
  });
}
