import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/** Counts how often a client had to wait for the server's answer before it could go on: on the wire, past all libraries. */
export interface Flights {
  readonly url: string;
  /** Since the last call: messages that were sent when everything before them had been answered. */
  take(): number;
}

/** A proxy before the server. The end of a read, which nobody waits for, does not count. */
export async function countFlights(t: TestContext, url: string): Promise<Flights> {
  const { hostname, port } = new URL(url);
  let flights = 0;
  const proxy = createServer((client) => {
    let sending = false;
    const server = connect(Number(port), hostname);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const side of [client, server]) side.setNoDelay(true).on('error', end).on('close', end);
    server.on('data', (data) => {
      sending = false;
      client.write(data);
    });
    client.on('data', (data) => {
      if (!sending && !data.includes('ROLLBACK\0')) flights += 1;
      sending = true;
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
  };
}
