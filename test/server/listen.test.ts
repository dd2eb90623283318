import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { systemTimers } from '../../src/cli/edge.ts';
import { ScimError } from '../../src/errors.ts';
import { listen } from '../../src/server/listen.ts';
import { selfSigned } from './certificate.ts';
import { serviceWorld } from './world.ts';

const ANYWHERE = { host: '127.0.0.1', port: 0 };

/** The service with a route that answers when it is told to. */
async function running(t: TestContext, drain?: number) {
  const entered = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const world = await serviceWorld(t, {
    scim: () => async (app) => {
      app.get('/slow', { config: { access: 'scim' } }, async () => {
        entered.resolve();
        await finish.promise;
        return { done: true };
      });
    },
  });
  const listening = await listen(world.app, ANYWHERE, systemTimers, drain);
  const headers = await world.token({ kind: 'scim', connection: 'okta' });
  return { ...world, listening, headers, entered: entered.promise, finish: () => finish.resolve() };
}

interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly body: string;
}

function get(url: string, options: { headers?: Record<string, string>; agent?: Agent } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    plainRequest(url, options, (answer) => {
      text(answer).then(
        (body) => resolve({ status: answer.statusCode, connection: answer.headers.connection, body }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });
}

/** Sends bytes and collects what comes back until the other side closes. */
function raw(url: string, bytes: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(bytes);
  return { socket, answer: text(socket) };
}

test('stopping finishes what runs, closes kept connections and takes nothing new', async (t) => {
  const { listening, headers, entered, finish } = await running(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  assert.equal((await get(`${listening.url}/livez`, { agent })).connection, 'keep-alive');
  const slow = get(`${listening.url}/scim/v2/slow`, { headers, agent });
  await entered;
  const stopped = listening.stop();
  const late = await get(`${listening.url}/livez`).then(
    ({ status }) => status,
    (error: NodeJS.ErrnoException) => error.code,
  );
  finish();
  assert.ok(late === 503 || late === 'ECONNREFUSED' || late === 'ECONNRESET', String(late));
  assert.deepEqual(await slow, { status: 200, connection: 'close', body: '{"done":true}' });
  await stopped;
});

test('a request that never ends does not keep the service from stopping', async (t) => {
  const { listening, headers, entered, finish } = await running(t, 50);
  const slow = get(`${listening.url}/scim/v2/slow`, { headers });
  const cut = assert.rejects(slow, { code: 'ECONNRESET' });
  await entered;
  await listening.stop();
  await cut;
  finish();
});

test('an idle connection does not keep the service from stopping', async (t) => {
  const { listening } = await running(t);
  const { socket, answer } = raw(listening.url, '');
  await new Promise((resolve) => socket.once('connect', resolve));
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await get(`${listening.url}/livez`, { agent });
  socket.end();
  await listening.stop();
  assert.equal(await answer, '');
});

test('what is no HTTP, or too much of it, is refused without a word about us', async (t) => {
  const { listening, lines } = await running(t);
  for (const [bytes, status] of [
    ['hello\r\n\r\n', 400],
    [`GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['GET /livez HTTP/1.1\r\n\r\n', 400],
    ['POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
  ] as const) {
    const answer = await raw(listening.url, bytes).answer;
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), bytes.slice(0, 40));
    assert.doesNotMatch(answer, /fastify|node|at .*\.js/i);
  }
  assert.deepEqual(
    lines.filter(({ level }) => level === 'error'),
    [],
  );
  assert.equal((await get(`${listening.url}/livez`)).status, 200);
});

test('what never becomes a request is answered in SCIM form, and an URL that is not encoded is told so', async (t) => {
  const { listening, headers } = await running(t);
  const rest = `Host: x\r\nAuthorization: ${headers.authorization}\r\n\r\n`;
  for (const [bytes, status, told] of [
    [`GET /scim/v2/Users?filter=userName eq "ana" HTTP/1.1\r\n${rest}`, 400, /The URL cannot be read.*percent-encoded/],
    [`GET /scim/v2/Users/Andr\u00e9 HTTP/1.1\r\n${rest}`, 400, /The URL cannot be read.*percent-encoded/],
    [`hello\r\n\r\n`, 400, /is no HTTP/],
    [`GET /scim/v2/Users HTTP/1.1\r\nX y: z\r\n${rest}`, 400, /is no HTTP/],
    [`GET /scim/v2/Users HTTP/1.1\r\nX: ${'x'.repeat(40_000)}\r\n${rest}`, 431, /headers/],
  ] as const) {
    const answer = await raw(listening.url, bytes).answer;
    const [head, body] = answer.split('\r\n\r\n') as [string, string];
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `), bytes.slice(0, 60));
    assert.match(head, /content-type: application\/scim\+json; charset=utf-8/i);
    assert.match(head, /connection: close/i);
    const error = JSON.parse(body);
    assert.deepEqual([error.schemas, error.status], [['urn:ietf:params:scim:api:messages:2.0:Error'], String(status)]);
    assert.match(error.detail, told, bytes.slice(0, 60));
    assert.equal(Number(/content-length: (\d+)/i.exec(head)![1]), Buffer.byteLength(body));
  }
});

test('who asks, or whom, said twice is refused before anybody looks at the token, and the connection closed', async (t) => {
  const { listening, headers, lines } = await running(t);
  const bearer = `Authorization: ${headers.authorization}\r\n`;
  const ask = (path: string, more: string): Promise<string> =>
    raw(listening.url, `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`).answer;
  for (const [more, name] of [
    [`${bearer}authorization: Bearer x\r\n`, 'Authorization'],
    [`AUTHORIZATION: Bearer x\r\n${bearer}`, 'Authorization'],
    [`Authorization: \r\n${bearer}`, 'Authorization'],
    [`${bearer}${bearer}`, 'Authorization'],
    [`${bearer}hOST: y\r\n`, 'Host'],
    [`${bearer}Host: x\r\n`, 'Host'],
  ] as const)
    for (const path of ['/scim/v2/slow', '/scim/v2/Nope', '/livez', '/api/v1']) {
      const answer = await ask(path, more);
      assert.match(answer, /^HTTP\/1.1 400 /, more);
      assert.match(answer, /^connection: close\r$/im);
      assert.match(answer, new RegExp(`The header ${name} was sent more than once`));
      if (path.startsWith('/scim/')) assert.match(answer, /"urn:ietf:params:scim:api:messages:2.0:Error"/);
    }
  assert.deepEqual(
    lines.filter(({ message }) => message === 'authentication failed'),
    [],
  );
  const lengths = 'Content-Length: 2\r\nContent-Length: 3\r\n';
  assert.match(await ask('/livez', lengths), /^HTTP\/1.1 400 /, 'by Node');
});

test('who waits for 100 Continue hears it once they are let in and their body is taken, and not before', async (t) => {
  const { app, headers, token } = await serviceWorld(t, {
    pace: (connection) =>
      connection === 'entra' ? { requestsPerSecond: 1, burst: 1 } : { requestsPerSecond: 'unlimited', burst: 1 },
    scim: () => async (app) => {
      app.post('/Users', { config: { access: 'scim' } }, async (request) => request.body);
    },
  }).then(async (world) => ({ ...world, headers: await world.token({ kind: 'scim', connection: 'okta' }) }));
  const { url, stop } = await listen(app, ANYWHERE, systemTimers);
  t.after(stop);
  const head = (more: string, path = '/scim/v2/Users', bytes = 7): string =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\n${more}Content-Type: application/json\r\nContent-Length: ${bytes}\r\nExpect: 100-continue\r\n\r\n`;
  const entra = await token({ kind: 'scim', connection: 'entra' });
  const bearer = `Authorization: ${headers.authorization}\r\n`;
  await raw(url, head(`Authorization: ${entra.authorization}\r\n`, '/scim/v2/Nope')).answer;
  for (const [bytes, status] of [
    [head(''), 401],
    [head('Authorization: Bearer wrong\r\n'), 401],
    [head(bearer, '/scim/v2/Nope'), 404],
    [head(bearer, '/scim/v2/Users', 10_001), 413],
    [head(`Authorization: ${entra.authorization}\r\n`), 429],
  ] as const) {
    const answer = await raw(url, bytes).answer;
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(answer, /^connection: close\r$/im, 'nobody knows whether the body follows');
  }
  const { socket, answer } = raw(url, head(`${bearer}Connection: close\r\n`));
  const [asked] = await once(socket, 'data');
  assert.equal(String(asked), 'HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('{"a":1}');
  assert.match(await answer, /^HTTP\/1.1 100 [\s\S]*HTTP\/1.1 200 [\s\S]*\{"a":1\}$/);
});

test('a large body that nobody wants is not read behind the answer: the connection is closed', async (t) => {
  const { listening, headers } = await running(t);
  const head = (path: string, bytes: number, more = ''): string =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\n${more}Content-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`;
  const bearer = `Authorization: ${headers.authorization}\r\n`;
  for (const [path, more, status] of [
    ['/scim/v2/slow', '', 401],
    ['/scim/v2/nowhere', bearer, 404],
    ['/nowhere', '', 404],
  ] as const) {
    // `answer` ends when the service closes; it is sent nothing of the body.
    const answer = await raw(listening.url, head(path, 100_000_000_000, more)).answer;
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), path);
    assert.match(answer, /^connection: close\r$/im, path);
  }
  const endless = raw(listening.url, `POST /scim/v2/slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  endless.socket.on('error', () => undefined);
  const ended = new Promise((resolve) => endless.socket.on('close', resolve));
  const more = (): void => {
    while (endless.socket.writable && endless.socket.write(chunk));
  };
  endless.socket.on('drain', more);
  more();
  endless.answer.catch(() => undefined);
  await ended;
  const small = raw(
    listening.url,
    `${head('/scim/v2/slow', 2)}{}GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  assert.deepEqual(
    [...(await small.answer).matchAll(/HTTP\/1.1 (\d+) /g)].map(([, status]) => status),
    ['401', '200'],
  );
});

test('a URL in absolute form means what its path means (RFC 9112 §3.2.2), with a token and without', async (t) => {
  const { listening, headers } = await running(t);
  const ask = (url: string, more = ''): Promise<string> =>
    raw(listening.url, `GET ${url} HTTP/1.1\r\nHost: x\r\n${more}Connection: close\r\n\r\n`).answer;
  for (const path of ['/scim/v2/slow', '/scim/v2/Nope', '/scim/v2/%zz', '/api/v1', '/api/v1/x'])
    for (const origin of ['http://evil.test', 'HTTPS://evil.test:8443', 'http://a@evil.test'])
      assert.match(await ask(origin + path), /^HTTP\/1.1 401 /, origin + path);
  const told = await ask('http://evil.test/scim/v2/Nope', `Authorization: ${headers.authorization}\r\n`);
  assert.match(
    told,
    /^HTTP\/1.1 404 [\s\S]*no SCIM endpoint at \/scim\/v2\/Nope; the base URL is https:\/\/scim.example.test/,
  );
  assert.doesNotMatch(told, /evil/);
});

test('a client that is slow has bounded time', async (t) => {
  const { app } = await running(t);
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxHeadersCount } = app.server;
  assert.ok(headersTimeout > 0 && headersTimeout <= 15_000);
  assert.ok(requestTimeout > 0 && requestTimeout <= 60_000);
  assert.ok(timeout > requestTimeout && timeout <= 300_000);
  // Okta gives up after 60 s: we must not close first.
  assert.ok(keepAliveTimeout > 60_000 && keepAliveTimeout < 120_000);
  assert.equal(maxHeadersCount, 100);
});

test('whoever holds many connections open keeps nobody out: idle ones are closed, requests that run are not', async (t) => {
  const { app, listening, headers, entered, finish, lines } = await running(t);
  assert.ok(app.server.maxConnections <= 2_000);
  app.server.maxConnections = 8;
  const slow = get(`${listening.url}/scim/v2/slow`, { headers });
  await entered;
  const held: Socket[] = [];
  const livez = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
  for (const bytes of ['', livez, livez, livez, '', '', livez]) {
    const { socket, answer } = raw(listening.url, bytes);
    answer.catch(() => {});
    await once(socket, bytes === '' ? 'connect' : 'readable');
    held.push(socket);
  }
  const hear = (): Promise<Answer> => get(`${listening.url}/livez`);
  await assert.rejects(hear());
  assert.equal((await hear()).status, 200);
  assert.ok(held.filter(({ closed }) => closed).length >= 4);
  for (let n = 0; n < 8; n++) {
    const { socket, answer } = raw(listening.url, '');
    answer.catch(() => {});
    held.push(socket);
  }
  await Promise.all(Array.from({ length: 5 }, () => hear().catch(() => undefined)));
  assert.equal(lines.filter(({ message }) => /too many connections/.test(message)).length, 1);
  finish();
  assert.equal((await slow).status, 200);
  for (const socket of held) socket.destroy();
});

test('with a certificate it speaks TLS 1.2 or newer, and only that', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { cert, key } = selfSigned();
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(tls.cert, cert);
  writeFileSync(tls.key, key, { mode: 0o600 });
  const { app } = await serviceWorld(t, { server: { tls } });
  const { url, stop } = await listen(app, ANYWHERE, systemTimers);
  assert.match(url, /^https:/);
  const answer = await new Promise<string>((resolve, reject) => {
    tlsRequest(`${url}/Users`, { ca: cert }, (response) => text(response).then(resolve, reject))
      .on('error', reject)
      .end();
  });
  assert.match(answer, new RegExp(`the base URL is ${url}/scim/v2`));
  await assert.rejects(get(`${url.replace('https', 'http')}/livez`));
  await new Promise<void>((resolve, reject) => {
    tlsRequest(`${url}/livez`, { ca: cert, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }, () =>
      reject(new Error('1.1')),
    )
      .on('error', () => resolve())
      .end();
  });
  await stop();
  if (process.platform === 'win32') return;
  chmodSync(tls.key, 0o644);
  await assert.rejects(
    async () => serviceWorld(t, { server: { tls } }),
    (error) => error instanceof ScimError && error.code === 'CFG_FILE_MODE',
  );
});
