import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { systemTimers } from '../../src/cli/edge.ts';

/** A message of statements without parameters. */
const QUERY = 'Q'.charCodeAt(0);

/** Counts how often a client had to wait for the server's answer before it could go on: on the wire, past all libraries. */
export interface Flights {
  readonly url: string;
  /** Since the last call: messages that were sent when everything before them had been answered. */
  take(): number;
  /** Resolves when everything that was sent is answered. */
  still(): Promise<void>;
}

/** A proxy before the server. The end of a read, which nobody waits for, does not count. */
export async function countFlights(t: TestContext, url: string): Promise<Flights> {
  const { hostname, port } = new URL(url);
  let flights = 0;
  const unanswered = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    const end = (): void => {
      unanswered.delete(client);
      client.destroy();
      server.destroy();
    };
    for (const side of [client, server]) side.setNoDelay(true).on('error', end).on('close', end);
    server.on('data', (data) => {
      unanswered.delete(client);
      client.write(data);
    });
    client.on('data', (data) => {
      const ends = data[0] === QUERY && data.includes('ROLLBACK\0');
      if (!unanswered.has(client) && !ends) flights += 1;
      unanswered.add(client);
      server.write(data);
    });
  }).listen(0, '127.0.0.1');
  t.after(() => proxy.close());
  await once(proxy, 'listening');
  const through = new URL(url);
  through.port = String((proxy.address() as AddressInfo).port);
  return {
    url: through.href,
    take: () => {
      const found = flights;
      flights = 0;
      return found;
    },
    async still() {
      do await systemTimers.sleep(20);
      while (unanswered.size > 0);
    },
  };
}
