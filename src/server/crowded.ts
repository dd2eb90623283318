import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';

/** Connections at a time. Each is a file handle, and what the service does for leavers needs handles of its own. */
const MOST = 2_000;
const TELL_EVERY = 60_000;

interface Connection {
  readonly socket: Socket;
  /** Answers that somebody waits for. */
  readonly owed: Set<ServerResponse>;
}

/**
 * Anybody who reaches the service can open connections, before any token. When there are too many, one more is closed, and so are all on
 * which nobody waits for anything: whoever holds many open keeps no identity provider out, which tries again. Somebody waits who has shown
 * a token, or sent the whole of a request: not who is about to speak TLS, or to end a request. Hooks before that of the choke point.
 */
export function limitConnections(app: FastifyInstance, { clock, log }: { clock: Clock; log: Log }): void {
  const { server } = app;
  /** By the address and port of the other side: of TLS, the connection below is known first. */
  const open = new Map<string, Connection>();
  const known = new WeakMap<Socket, Connection>();
  const enter = (socket: Socket): void => {
    const name = `${socket.remoteAddress} ${socket.remotePort}`;
    const connection = { socket, owed: new Set<ServerResponse>() };
    open.set(name, connection);
    known.set(socket, connection);
    socket.once('close', () => {
      if (open.get(name) === connection) open.delete(name);
    });
  };
  const owe = (raw: ServerResponse): void => {
    const owed = raw.socket === null ? undefined : known.get(raw.socket)?.owed;
    if (owed === undefined || owed.has(raw)) return;
    owed.add(raw);
    raw.once('close', () => owed.delete(raw));
  };
  server.on('connection', enter);
  server.on('secureConnection', enter);
  app.addHook('preParsing', ({ token }, { raw }, payload, done) => {
    if (token !== null) owe(raw);
    done(null, payload);
  });
  app.addHook('preHandler', (_request, { raw }, done) => {
    owe(raw);
    done();
  });

  let toldAt = Number.NEGATIVE_INFINITY;
  server.maxConnections = MOST;
  server.on('drop', () => {
    for (const { socket, owed } of open.values()) if (owed.size === 0) socket.destroy();
    if (clock.monotonic() - toldAt < TELL_EVERY) return;
    toldAt = clock.monotonic();
    log.warn('too many connections: idle ones are closed', { limit: server.maxConnections });
  });
}
