import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Timers } from '../access/ports/timers.ts';

/** Longest wait for requests that are being answered when the service stops. */
const DRAIN = 10_000;

interface Listening {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new request, finishes those that run, closes idle connections; what is left after `DRAIN` is cut. */
  stop(): Promise<void>;
}

/** Listens on `host:port`; port 0 takes a free one. */
export async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
  timers: Timers,
  drain = DRAIN,
): Promise<Listening> {
  await app.listen({ host, port });
  return {
    url: addressOf(app),
    async stop() {
      const cut = timers.after(drain, () => app.server.closeAllConnections());
      try {
        await app.close();
      } finally {
        cut.cancel();
      }
    },
  };
}

/** The address an app is reached at; loopback while it does not listen. */
export function addressOf(app: FastifyInstance): string {
  const scheme = app.initialConfig.https === undefined ? 'http' : 'https';
  const bound = app.server.address() as AddressInfo | null;
  if (bound === null) return `${scheme}://127.0.0.1`;
  const { address, family, port } = bound;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
