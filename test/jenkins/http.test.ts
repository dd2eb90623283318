import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import dns, { type LookupAddress, type LookupAllOptions } from 'node:dns';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, connect, createServer as createTcpServer, isIP, type Server, type Socket } from 'node:net';
import { after, describe, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { HttpFailure, type HttpRequest } from '../../src/access/ports/http.ts';
import { systemTimers } from '../../src/cli/edge.ts';
import { isForbiddenAddress } from '../../src/jenkins/addresses.ts';
import { createHttp, type HttpOptions } from '../../src/jenkins/http.ts';
import { failureOf } from '../../src/jenkins/httpFailure.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

function client(options: Partial<HttpOptions> = {}) {
  const http = createHttp({ timers: systemTimers, ...options });
  closing.push(() => http.close());
  return http;
}

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return listen(createServer(handle));
}

const request = (url: string, over: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeout: 5000,
  limit: 1024 * 1024,
  ...over,
});

async function failure(work: Promise<unknown>): Promise<HttpFailure> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof HttpFailure, String(error));
    return error;
  }
  assert.fail('no failure');
}

describe('HTTP client', () => {
  test('method, path, query, headers and body arrive; status, headers and body come back', async () => {
    let body = '';
    const url = await serve((incoming, response) => {
      incoming.setEncoding('utf8');
      incoming.on('data', (text: string) => {
        body += text;
      });
      incoming.on('end', () => {
        response.setHeader('X-Two', ['a', 'b']);
        response.statusCode = 418;
        response.end(`${incoming.method} ${incoming.url} ${incoming.headers.authorization} ü`);
      });
    });
    const answer = await client().send(
      request(`${url}/a%2Fb?x=1`, { method: 'POST', headers: { authorization: 'Basic eA==' }, body: 'script=ü' }),
    );
    assert.equal(answer.status, 418);
    assert.equal(answer.headers['x-two'], 'a, b');
    assert.equal(answer.body, 'POST /a%2Fb?x=1 Basic eA== ü');
    assert.equal(body, 'script=ü');
  });

  test('a redirect is an answer and is not followed', async () => {
    let hits = 0;
    const url = await serve((_, response) => {
      hits++;
      response.writeHead(302, { location: '/login' }).end();
    });
    assert.equal((await client().send(request(url))).status, 302);
    assert.equal(hits, 1);
  });

  test('a cookie that is set is not sent back', async () => {
    const cookies: (string | undefined)[] = [];
    const url = await serve((incoming, response) => {
      cookies.push(incoming.headers.cookie);
      response.setHeader('set-cookie', 'JSESSIONID=x');
      response.end('ok');
    });
    const http = client();
    await http.send(request(url));
    await http.send(request(url));
    assert.deepEqual(cookies, [undefined, undefined]);
  });

  test('a connection is kept for the next exchange', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((incoming, response) => {
      ports.add(incoming.socket.remotePort);
      response.end('ok');
    });
    const http = client();
    for (let turn = 0; turn < 5; turn++) await http.send(request(url));
    assert.ok(ports.size <= 2, `${ports.size} connections`);
  });

  test('nobody listening: refused, not sent', async () => {
    const server = createTcpServer();
    const url = await listen(server);
    server.close();
    await once(server, 'close');
    const failed = await failure(client().send(request(url)));
    assert.deepEqual([failed.kind, failed.sent], ['refused', false]);
  });

  test('an unknown name: dns, not sent', async () => {
    const failed = await failure(client().send(request('http://no-such-host.invalid/')));
    assert.deepEqual([failed.kind, failed.sent], ['dns', false]);
  });

  test('a connection that ends without an answer: reset, sent, and not tried again', async () => {
    let hits = 0;
    const url = await listen(
      createTcpServer((socket) => {
        socket.once('data', () => {
          hits++;
          socket.destroy();
        });
      }),
    );
    for (const method of ['GET', 'POST'] as const) {
      const failed = await failure(client().send(request(url, method === 'POST' ? { method, body: 'x' } : { method })));
      assert.deepEqual([failed.kind, failed.sent], ['reset', true]);
    }
    assert.equal(hits, 2);
  });

  test('an answer that breaks off in the middle: reset, sent', async () => {
    const url = await listen(
      createTcpServer((socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
          setTimeout(() => socket.destroy(), 20);
        });
      }),
    );
    const failed = await failure(client().send(request(url)));
    assert.deepEqual([failed.kind, failed.sent], ['reset', true]);
  });

  test('garbage instead of HTTP: reset, sent', async () => {
    const url = await listen(createTcpServer((socket) => socket.once('data', () => socket.end('SSH-2.0-hello\r\n'))));
    const failed = await failure(client().send(request(url)));
    assert.deepEqual([failed.kind, failed.sent], ['reset', true]);
  });

  test('no answer in time: timeout, sent; the whole exchange counts, not the pauses', async () => {
    const silent = await serve(() => {});
    const failed = await failure(client().send(request(silent, { timeout: 100 })));
    assert.deepEqual([failed.kind, failed.sent], ['timeout', true]);
    const dripping = await serve((_, response) => {
      const timer = setInterval(() => response.write('.'), 30);
      response.on('close', () => clearInterval(timer));
    });
    const slow = await failure(client().send(request(dripping, { timeout: 300 })));
    assert.deepEqual([slow.kind, slow.sent], ['timeout', true]);
  });

  test('an answer over the limit: too large; at the limit it is fine', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(1000)));
    assert.equal((await client().send(request(url, { limit: 1000 }))).body.length, 1000);
    assert.equal((await failure(client().send(request(url, { limit: 999 })))).kind, 'too-large');
  });

  test('the limit counts decompressed bytes, so that a small bomb is stopped', async () => {
    const url = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(20 * 1024 * 1024)));
    });
    const failed = await failure(client().send(request(url, { limit: 1024 * 1024 })));
    assert.deepEqual([failed.kind, failed.sent], ['too-large', true]);
  });

  test('a compressed answer is read; a broken one is a reset', async () => {
    const packed = gzipSync('größer');
    const good = await serve((incoming, response) => {
      assert.equal(incoming.headers['accept-encoding'], 'gzip');
      response.setHeader('content-encoding', 'gzip');
      response.end(packed);
    });
    assert.equal((await client().send(request(good))).body, 'größer');
    const broken = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(packed.subarray(0, packed.length - 9));
    });
    assert.equal((await failure(client().send(request(broken)))).kind, 'reset');
  });

  test('a compressed answer that breaks off in the middle is a reset at once', async () => {
    const packed = gzipSync(randomBytes(100_000));
    const url = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.setHeader('content-length', packed.length);
      response.write(packed.subarray(0, 50_000), () => response.destroy());
    });
    const failed = await failure(client().send(request(url)));
    assert.deepEqual([failed.kind, failed.sent], ['reset', true]);
  });

  test('whatever ends it after it was sent, the other side may have acted', () => {
    for (const code of ['EHOSTUNREACH', 'ENETUNREACH', 'EPROTO', 'ERR_SSL_BAD_RECORD_TYPE', 'ETIMEDOUT', 'EPIPE'])
      for (const sent of [true, false])
        assert.equal(failureOf(Object.assign(new Error('x'), { code }), sent, false).sent, sent, code);
  });

  test('TLS spoken to what speaks none: tls or reset, nothing was sent', async () => {
    const url = await serve((_, response) => response.end('plain'));
    const failed = await failure(client().send(request(url.replace('http:', 'https:'))));
    assert.equal(failed.kind, 'tls');
    assert.equal(failed.sent, false);
    assert.equal(failed.message, 'wrong version number', "without OpenSSL's numbers and places");
  });

  test('no failure tells a secret', async () => {
    const secret = 'c2VjcmV0LWNhbmFyeQ==';
    const headers = { authorization: `Basic ${secret}` };
    const reset = await listen(createTcpServer((socket) => socket.once('data', () => socket.destroy())));
    for (const url of [reset, 'http://no-such-host.invalid/', 'http://169.254.169.254/'])
      for (const http of [client(), client({ proxy: reset })]) {
        const failed = await failure(http.send(request(url, { headers, body: secret, method: 'POST' })));
        for (let error: unknown = failed; error instanceof Error; error = error.cause)
          assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, new RegExp(secret));
      }
  });
});

describe('forbidden addresses', () => {
  test('link-local and metadata addresses are none of a controller; loopback and private ones may be', () => {
    for (const wrong of [
      '169.254.169.254',
      '169.254.0.1',
      'fe80::1',
      '[fe80::1%eth0]',
      'fd00:ec2::254',
      '::ffff:169.254.169.254',
      '100.100.100.200',
      '168.63.129.16',
    ])
      assert.equal(isForbiddenAddress(wrong), true, wrong);
    for (const fine of [
      '127.0.0.1',
      '10.0.0.1',
      '192.168.1.1',
      '::1',
      'fd00::1',
      '172.16.0.1',
      '8.8.8.8',
      'ci.example.com',
      '',
    ])
      assert.equal(isForbiddenAddress(fine), false, fine);
  });

  test('a request to one is refused before anything is sent, in every spelling', async () => {
    for (const host of ['169.254.169.254', '[::ffff:169.254.169.254]', '[fe80::1]', '0xA9FEA9FE', '2852039166']) {
      const failed = await failure(client().send(request(`http://${host}/`)));
      assert.deepEqual([failed.kind, failed.sent], ['refused', false], host);
      assert.match(failed.message, /link-local/);
    }
  });
});

describe('names', () => {
  /** What the names of this process lead to. */
  function leading(t: TestContext, addresses: readonly string[]): void {
    const lookup = (
      _: string,
      options: LookupAllOptions,
      done: (error: null, found: LookupAddress[]) => void,
    ): void => {
      assert.equal(options.all, true);
      process.nextTick(() =>
        done(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        ),
      );
    };
    t.mock.method(dns, 'lookup', lookup as never);
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
  }

  test('a name that leads to a metadata address is refused at connect, whatever else it leads to', async (t) => {
    const url = await serve((_, response) => response.end('here'));
    const named = url.replace('127.0.0.1', 'ci.test');
    leading(t, ['127.0.0.1']);
    assert.equal((await client().send(request(named))).body, 'here');
    t.mock.restoreAll();
    leading(t, ['127.0.0.1', '169.254.169.254']);
    for (const http of [client(), client({ proxy: named })]) {
      const failed = await failure(http.send(request(named)));
      assert.deepEqual([failed.kind, failed.sent], ['refused', false]);
      assert.match(failed.message, /ci\.test is 169\.254\.169\.254/);
    }
  });
});

describe('proxy', () => {
  test('http targets are forwarded, https targets tunnelled', async () => {
    const seen: string[] = [];
    const target = await serve((_, response) => response.end('target'));
    const server = createServer((incoming, response) => {
      seen.push(`${incoming.method} ${incoming.url}`);
      response.end('forwarded');
    });
    server.on('connect', (incoming, socket: Socket) => {
      seen.push(`CONNECT ${incoming.url}`);
      const out = connect(Number(new URL(target).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        out.pipe(socket).pipe(out);
      });
      out.on('error', () => socket.destroy());
    });
    const proxy = await listen(server);
    const http = client({ proxy });
    assert.equal((await http.send(request('http://ci.invalid/whoAmI'))).body, 'forwarded');
    const failed = await failure(http.send(request('https://ci.invalid/whoAmI')));
    assert.deepEqual(seen, ['GET http://ci.invalid/whoAmI', 'CONNECT ci.invalid:443']);
    assert.equal(failed.kind, 'tls');
  });

  test('a proxy that refuses the tunnel is told as such, nothing was sent', async () => {
    const server = createServer();
    server.on('connect', (_, socket: Socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const proxy = await listen(server);
    const failed = await failure(client({ proxy }).send(request('https://ci.invalid/')));
    assert.deepEqual([failed.kind, failed.sent], ['proxy', false]);
  });
});
