import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { type Http, type HttpAnswer, HttpFailure, type HttpRequest } from '../access/ports/http.ts';
import type { Timers } from '../access/ports/timers.ts';
import { ForbiddenAddress, guardedLookup, isForbiddenAddress } from './addresses.ts';
import { failureOf } from './httpFailure.ts';
import { readTrust, type TlsFiles } from './tls.ts';

export interface HttpOptions {
  readonly timers: Timers;
  /** Files of the configuration; they are read once, here. */
  readonly tls?: TlsFiles;
  /** URL of an HTTP or HTTPS proxy; https targets go through CONNECT, http ones are forwarded. */
  readonly proxy?: string;
}

const CONNECT_TIMEOUT = 10_000;
const CONNECTIONS = 4;

/** What is known of one exchange while it runs. */
interface Exchange {
  sent: boolean;
}

/**
 * The client for one controller: connections are kept alive, nothing else is remembered between exchanges.
 * @throws ScimError CFG_SECRET, CFG_FILE_MODE where a TLS file cannot be used
 */
export function createHttp(options: HttpOptions): Http {
  const tls = readTrust(options.tls);
  const connection = { timeout: CONNECT_TIMEOUT, lookup: guardedLookup, allowH2: false };
  const limits = { connections: CONNECTIONS, keepAliveTimeout: 4000, pipelining: 1 };
  const agent =
    options.proxy === undefined
      ? new Agent({ ...limits, connect: { ...connection, ...tls } })
      : new ProxyAgent({ ...limits, uri: options.proxy, requestTls: tls, proxyTls: { ...connection, ...tls } });
  const dispatcher = agent.compose(marking);
  return {
    send: (request) => exchange(dispatcher, options, request),
    close: () => agent.destroy(),
  };
}

async function exchange(dispatcher: Dispatcher, options: HttpOptions, request: HttpRequest): Promise<HttpAnswer> {
  const url = new URL(request.url);
  if (isForbiddenAddress(url.hostname))
    throw failureOf(new ForbiddenAddress(url.hostname, url.hostname), false, options.proxy !== undefined);
  const state: Exchange = { sent: false };
  const abort = new AbortController();
  const late = new HttpFailure('timeout', true, `no answer within ${request.timeout} ms`);
  const timer = options.timers.after(request.timeout, () => abort.abort(late), { keepAlive: true });
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      headers: { ...request.headers, 'accept-encoding': 'gzip' },
      body: request.body ?? null,
      signal: abort.signal,
      opaque: state,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const headers = flatten(answer.headers);
    const body = await read(answer.body, headers['content-encoding'] === 'gzip', request.limit);
    return { status: answer.statusCode, headers, body };
  } catch (error) {
    if (error === late) throw new HttpFailure('timeout', state.sent, late.message);
    throw failureOf(error, state.sent, options.proxy !== undefined);
  } finally {
    timer.cancel();
  }
}

/** Notes the moment a request goes out on a connection: before it, the other side cannot have acted. */
const marking: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const state = (options as { opaque?: Exchange }).opaque;
  return dispatch(options, {
    onRequestStart(controller, context) {
      if (state !== undefined) state.sent = true;
      handler.onRequestStart?.(controller, context);
    },
    onRequestUpgrade: (...rest) => handler.onRequestUpgrade?.(...rest),
    onResponseStart: (...rest) => handler.onResponseStart?.(...rest),
    onResponseData: (...rest) => handler.onResponseData?.(...rest),
    onResponseEnd: (...rest) => handler.onResponseEnd?.(...rest),
    onResponseError: (...rest) => handler.onResponseError?.(...rest),
  });
};

/** Reads a body of at most `limit` bytes, counted after decompression. */
async function read(body: Readable, gzip: boolean, limit: number): Promise<string> {
  const source = gzip ? body.pipe(createGunzip()) : body;
  if (gzip) body.on('error', (error) => source.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new HttpFailure('too-large', true, `the answer is larger than ${limit} bytes`);
      chunks.push(chunk);
    }
  } finally {
    body.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
