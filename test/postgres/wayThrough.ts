import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** Somebody between a client and its server for the time of a test, told of each connection; the URL that leads through. */
export async function wayThrough(t: TestContext, url: string, met: (client: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  const proxy = createServer((client) => {
    open.add(client);
    met(client);
  }).listen(0, '127.0.0.1');
  t.after(() => {
    for (const client of open) client.destroy();
    proxy.close();
  });
  await once(proxy, 'listening');
  const through = new URL(url);
  through.port = String((proxy.address() as AddressInfo).port);
  return through.href;
}
