import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A connection to the server; `client` is whom its answers belong to now. */
interface Backend {
  readonly socket: Socket;
  client: Socket | undefined;
  /** Messages that end with a ReadyForQuery, and are not answered yet. */
  open: number;
  /** What the server said before it was ready the first time. */
  hello: Buffer;
}

const SSL_REQUEST = 80_877_103;
/** An error of the protocol, in PgBouncer's words. */
const NO_TRANSACTIONS = ((): Buffer => {
  const fields = 'SFATAL\0C08P01\0Mtransaction blocks not allowed in statement pooling mode\0\0';
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, Buffer.from(fields)]);
})();

export interface Pooling {
  /** Most connections to the server. */
  readonly size?: number;
  /** In statement mode whoever begins a transaction is thrown out. */
  readonly mode?: 'transaction' | 'statement';
  /** Each client is told the process that it gets first, as if there were no pooler. */
  readonly secret?: boolean;
}

/**
 * Stands before a server as PgBouncer does in transaction mode: a connection to the server is a client's for one transaction, the
 * one that was free last goes first, and what the server says on one that is nobody's is dropped.
 */
export async function pooler(
  t: TestContext,
  url: string,
  { size = 20, mode = 'transaction', secret = false }: Pooling = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  const free: Backend[] = [];
  const all = new Set<Socket>();
  const waiting: ((backend: Backend) => void)[] = [];
  const backends = new Set<Backend>();
  let made = 0;
  let hello: Buffer | undefined;

  const give = (backend: Backend): void => {
    backend.client = undefined;
    const next = waiting.shift();
    if (next === undefined) free.push(backend);
    else next(backend);
  };

  async function make(startup: Buffer): Promise<Backend> {
    made += 1;
    const socket = connect(Number(port), hostname);
    all.add(socket);
    const backend: Backend = { socket, client: undefined, open: 1, hello: Buffer.alloc(0) };
    const ready = Promise.withResolvers<void>();
    let greeting = true;
    const next = framed((type, message) => {
      if (greeting) backend.hello = Buffer.concat([backend.hello, message]);
      else backend.client?.write(message);
      if (type !== 'Z') return;
      const idle = String.fromCharCode(message[5] ?? 0) === 'I';
      if (!idle && mode === 'statement') backend.client?.end(NO_TRANSACTIONS);
      greeting = false;
      backend.open -= 1;
      ready.resolve();
      if (backend.open === 0 && idle && backend.client !== undefined) give(backend);
    });
    socket.on('data', next).on('error', () => {});
    socket.on('close', () => {
      made -= 1;
      backends.delete(backend);
      backend.client?.destroy();
      if (free.includes(backend)) free.splice(free.indexOf(backend), 1);
    });
    socket.write(startup);
    await ready.promise;
    backends.add(backend);
    return backend;
  }

  const take = (startup: Buffer): Promise<Backend> => {
    const known = free.pop();
    if (known !== undefined) return Promise.resolve(known);
    if (made < size) return make(startup);
    return new Promise((resolve) => waiting.push(resolve));
  };

  const proxy = createServer((client) => {
    all.add(client);
    let startup: Buffer | undefined;
    let sending = Promise.resolve();
    const begin = async (message: Buffer): Promise<void> => {
      startup = message;
      if (hello === undefined) {
        const backend = await take(message);
        hello = backend.hello;
        give(backend);
      }
      client.write(secret ? hello : disguised(hello));
    };
    const forward = async (type: string, message: Buffer): Promise<void> => {
      if (type === 'X') return void client.end();
      const held = [...backends].find((one) => one.client === client);
      const backend = held ?? (await take(startup!));
      backend.client = client;
      if (type === 'Q' || type === 'S') backend.open += 1;
      backend.socket.write(message);
    };
    const later = (run: () => Promise<void>): void => {
      sending = sending.then(run, () => {});
    };
    const messages = framed((type, message) => later(() => forward(type, message)));
    client
      .on('error', () => {})
      .on('data', (data: Buffer) => {
        if (startup !== undefined) return messages(data);
        if (data.readInt32BE(4) === SSL_REQUEST) return void client.write('N');
        startup = data;
        later(() => begin(data));
      });
    client.on('close', () => {
      for (const one of backends) if (one.client === client) one.socket.destroy();
    });
  }).listen(0, '127.0.0.1');
  t.after(() => {
    for (const socket of all) socket.destroy();
    proxy.close();
  });
  await once(proxy, 'listening');
  const through = new URL(url);
  through.port = String((proxy.address() as AddressInfo).port);
  return through.href;
}

/** A pooler makes up the process and the key that it tells a client. */
function disguised(hello: Buffer): Buffer {
  const found = Buffer.from(hello);
  const at = found.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
  if (at !== -1) found.writeInt32BE(randomInt(1, 2 ** 31), at + 5);
  return found;
}

/** Cuts a stream into messages: a type, a length, what it says. */
function framed(each: (type: string, message: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 5) {
      const length = rest.readInt32BE(1) + 1;
      if (rest.length < length) return;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      each(String.fromCharCode(message[0]!), message);
    }
  };
}
