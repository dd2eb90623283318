import { type IncomingHttpHeaders, request } from 'node:http';

export interface Raw {
  readonly status: number;
  /** As sent; values of a repeated header joined by a line break, as the recorder joined them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One request on a connection of its own, byte for byte as given. Rejects with the socket's error. */
export function sendRaw(
  base: string,
  asked: { method: string; path: string; headers: Readonly<Record<string, string>>; body?: string },
): Promise<Raw> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const length = asked.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(asked.body)) };
    const outgoing = request(
      {
        hostname,
        port,
        path: asked.path,
        method: asked.method,
        agent: false,
        headers: { ...asked.headers, ...length },
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: joined(incoming.rawHeaders),
            body: Buffer.concat(parts).toString(bodyCharset(incoming.headers)),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(asked.body);
  });
}

function bodyCharset(headers: IncomingHttpHeaders): 'latin1' | 'utf8' {
  return /iso-8859-1/i.test(headers['content-type'] ?? '') ? 'latin1' : 'utf8';
}

function joined(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!;
    headers[name] = headers[name] === undefined ? raw[at + 1]! : `${headers[name]}\n${raw[at + 1]}`;
  }
  return headers;
}
