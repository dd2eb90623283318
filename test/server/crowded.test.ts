import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { systemTimers } from '../../src/cli/edge.ts';
import { listen } from '../../src/server/listen.ts';
import { selfSigned } from './certificate.ts';
import { serviceWorld } from './world.ts';

const MOST = 6;

/** The service, which takes a few connections only, and a route that answers when it is told to. */
async function crowded(t: TestContext, { tls = false } = {}) {
  const entered = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const { cert, key } = selfSigned();
  const files = tls ? pemFiles(t, cert, key) : undefined;
  const { app, token } = await serviceWorld(t, {
    server: files === undefined ? {} : { tls: files },
    scim: () => async (inner) => {
      for (const access of ['scim', 'public'] as const)
        inner.get(`/slow/${access}`, { config: { access } }, async () => {
          entered.resolve();
          await finish.promise;
          return { done: true };
        });
      inner.post('/Users', { config: { access: 'scim' } }, async ({ body }) => body);
    },
  });
  app.server.maxConnections = MOST;
  const { url } = await listen(app, { host: '127.0.0.1', port: 0 }, systemTimers);
  t.after(() => finish.resolve());
  const port = Number(new URL(url).port);
  const headers = await token({ kind: 'scim', connection: 'okta' });
  /** Opens as many connections as there is room for, which hold these bytes only. */
  const fill = async (bytes: string, { shaken = true } = {}): Promise<Socket[]> => {
    const held: Socket[] = [];
    for (let n = 0; n < MOST; n++) {
      const secure = tls && shaken;
      const at = { port, host: '127.0.0.1', ca: cert, rejectUnauthorized: false };
      const socket = secure ? tlsConnect(at) : connect(at);
      t.after(() => socket.destroy());
      socket.on('error', () => {}).resume();
      await once(socket, secure ? 'secureConnect' : 'connect').catch(() => {});
      socket.write(bytes);
      held.push(socket);
    }
    return held;
  };
  const ask = (path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = tls ? tlsRequest : plainRequest;
      const options = { ca: cert, rejectUnauthorized: false, headers: { ...headers }, agent: false as const };
      request(`${url}${path}`, options, (answer) => text(answer).then(() => resolve(answer.statusCode), reject))
        .on('error', reject)
        .end();
    });
  /** Whether the service can be reached by who tries a few times. */
  const reached = async (): Promise<boolean> => {
    for (let n = 0; n < 3; n++) if ((await ask('/livez').catch(() => undefined)) === 200) return true;
    return false;
  };
  return { ask, fill, reached, entered: entered.promise, finish: () => finish.resolve(), port, headers };
}

function pemFiles(t: TestContext, cert: string, key: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}

const BEGUN = 'GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ';
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100';

const WAYS: readonly (readonly [string, string, { tls?: boolean; shaken?: boolean }])[] = [
  ['says nothing', '', {}],
  ['never ends a request', BEGUN, {}],
  ['never ends a second request', `GET /livez HTTP/1.1\r\nHost: x\r\n\r\n${BEGUN}`, {}],
  ['holds back the body of a request for a token', `POST /oauth/token HTTP/1.1\r\nHost: x\r\n${FORM}\r\n\r\ng`, {}],
  ['never begins to speak TLS', '', { tls: true, shaken: false }],
  ['says nothing over TLS', '', { tls: true }],
  ['never ends a request over TLS', BEGUN, { tls: true }],
];
for (const [who, bytes, options] of WAYS)
  test(`whoever opens all connections and ${who} keeps nobody out, and no request that runs is lost`, async (t) => {
    const { ask, fill, reached, entered, finish } = await crowded(t, options);
    const slow = ask('/scim/v2/slow/scim');
    await entered;
    for (let time = 0; time < 2; time++) {
      await fill(bytes, options);
      assert.equal(await reached(), true);
    }
    finish();
    assert.equal(await slow, 200);
  });

test('who sent the whole of a request is answered without a token, too, however crowded it is', async (t) => {
  const { ask, fill, reached, entered, finish } = await crowded(t);
  const slow = ask('/scim/v2/slow/public');
  await entered;
  await fill('');
  assert.equal(await reached(), true);
  finish();
  assert.equal(await slow, 200);
});

test('a body that somebody with a token is sending is read to its end, however crowded it is', async (t) => {
  const { fill, reached, port, headers } = await crowded(t);
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const answer = text(socket);
  const head = `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: ${headers.authorization}\r\nConnection: close`;
  socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a"`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await fill('');
  assert.equal(await reached(), true);
  socket.write(':"b"}');
  assert.match(await answer, /^HTTP\/1.1 200 .*\{"a":"b"\}$/s);
});
