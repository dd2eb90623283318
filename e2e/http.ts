import { request } from 'node:http';
import { request as secureRequest } from 'node:https';

/** A request that reaches a controller as it goes down may never be answered. */
const PATIENCE_MS = 10_000;

export interface Spoken {
  readonly method?: 'GET' | 'POST';
  readonly user?: string;
  readonly secret?: string;
  readonly cookie?: string;
  readonly form?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly cookies: readonly string[];
  readonly location: string | undefined;
}

/** One plain request past the product, on a connection of its own; no redirect is followed. */
export function speak(url: URL, spoken: Spoken = {}): Promise<Answered> {
  const { method = 'GET', user, secret, cookie, form } = spoken;
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const headers = {
    ...(user === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${user}:${secret ?? ''}`).toString('base64')}` }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(method === 'POST' ? { 'content-length': String(Buffer.byteLength(body ?? '')) } : {}),
  };
  const open = url.protocol === 'https:' ? secureRequest : request;
  return new Promise((resolve, reject) => {
    const outgoing = open(url, { method, headers, agent: false, timeout: PATIENCE_MS }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          body: Buffer.concat(parts).toString('utf8'),
          cookies: (incoming.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]!),
          location: incoming.headers.location,
        }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
