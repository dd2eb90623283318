import assert from 'node:assert/strict';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { U } from '../server/scim/world.ts';
import { AUTHORIZATION, CREATE, HEAD, listening, statuses } from './listening.ts';
import { mutate } from './mutator.ts';
import { Prng } from './prng.ts';

test('pipelined requests are answered each, in order', async (t) => {
  const { raw } = await listening(t);
  const requests = Array.from({ length: 200 }, (_, index) =>
    index % 2 === 0
      ? `GET /scim/v2/Users?count=0 HTTP/1.1\r\n${HEAD}\r\n\r\n`
      : `GET /scim/v2/Users/nobody HTTP/1.1\r\n${HEAD}${index === 199 ? '\r\nConnection: close' : ''}\r\n\r\n`,
  );
  const answer = await raw(requests.join(''));
  assert.deepEqual(
    statuses(answer),
    requests.map((_, index) => (index % 2 === 0 ? 200 : 404)),
  );
  const ids = [...answer.matchAll(/^x-request-id: (\S+)/gm)].map(([, id]) => id);
  assert.equal(new Set(ids).size, 200);
});

test('a pipelined request is judged by its own token, not by the one before it', async (t) => {
  const { raw, unchanged } = await listening(t);
  const create = `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Type: application/scim+json\r\nContent-Length: ${CREATE.length}\r\n\r\n${CREATE}`;
  const answer = await raw(`GET /scim/v2/Users?count=0 HTTP/1.1\r\n${HEAD}\r\n\r\n${create}`);
  assert.deepEqual(statuses(answer), [200, 401]);
  await unchanged();
});

/** Framings that two parsers read differently (request smuggling): each is refused, and the rest of the connection with it. */
const SMUGGLED: readonly string[] = [
  `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`,
  `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nContent-Length: +4\r\n\r\nabcd`,
  `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabcd\r\n0\r\n\r\n`,
  `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nX: a\nContent-Length : 4\r\n\r\nabcd`,
];

test('a body whose length can be read in two ways is refused, and nothing after it is taken', async (t) => {
  const { raw, unchanged } = await listening(t);
  const second = `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nContent-Length: ${CREATE.length}\r\n\r\n${CREATE}`;
  for (const bytes of SMUGGLED) {
    const answer = await raw(bytes + second);
    assert.equal(statuses(answer)[0], 400, bytes);
    assert.equal(statuses(answer).includes(201), false, bytes);
  }
  await unchanged();
});

test('a flood of headers is refused at once', async (t) => {
  const { raw, unchanged, client } = await listening(t);
  const flood = (count: number, size: number) =>
    Array.from({ length: count }, (_, index) => `X-${index}: ${'x'.repeat(size)}`).join('\r\n');
  for (const headers of [flood(5_000, 10), flood(20, 4_000), flood(1, 1_000_000)]) {
    const answer = await raw(`GET /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\n${headers}\r\n\r\n`);
    // Who is still sending when it is refused may find the connection cut before the answer.
    assert.ok(['', '431'].includes(statuses(answer).join()), answer.slice(0, 200));
  }
  assert.deepEqual(statuses(await raw(`GET /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\n${flood(1, 33_000)}\r\n\r\n`)), [431]);
  // Under the size, over the number.
  const late = `GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n${flood(200, 1)}\r\n${AUTHORIZATION}\r\nConnection: close\r\n\r\n`;
  assert.deepEqual(statuses(await raw(late)), [431]);
  assert.equal((await client.get('/Users?count=0')).status, 200);
  await unchanged();
});

test('slow bodies hold up nobody, and what is cut off writes nothing', async (t) => {
  const { open, client, unchanged } = await listening(t);
  const slow = Array.from({ length: 60 }, () => {
    const socket = open();
    socket.write(
      `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nContent-Length: ${CREATE.length}\r\n\r\n${CREATE.slice(0, 20)}`,
    );
    return socket;
  });
  for (const socket of slow) await new Promise((resolve) => socket.write(CREATE.slice(20, 21), resolve));
  for (let number = 0; number < 20; number++) {
    const from = performance.now();
    assert.equal((await client.get('/Users?filter=userName%20eq%20%22ana%22')).body.totalResults, 1);
    assert.ok(performance.now() - from < 2_000, 'a request waited for the body of another');
  }
  for (const socket of slow) socket.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  await unchanged();
});

test('a body comes in any pieces', async (t) => {
  const { open, client } = await listening(t);
  const socket = open();
  const answer = text(socket);
  socket.write(`POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`);
  for (const byte of CREATE) await new Promise((resolve) => socket.write(`1\r\n${byte}\r\n`, resolve));
  socket.write('0\r\n\r\n');
  assert.deepEqual(statuses(await answer), [201]);
  assert.equal((await client.get('/Users?filter=userName%20eq%20%22written%22')).body.totalResults, 1);
});

test('an encoded body is a 415 and is never inflated, however large it would be', async (t) => {
  const { open, unchanged, client } = await listening(t);
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
  const bodies = {
    gzip: bomb,
    'x-gzip': gzipSync(CREATE),
    deflate: gzipSync(CREATE),
    br: Buffer.from(CREATE),
    'gzip, gzip': gzipSync(gzipSync(CREATE)),
  };
  for (const [encoding, body] of Object.entries(bodies)) {
    const socket = open();
    const answer = buffer(socket).catch(() => Buffer.alloc(0));
    socket.write(
      `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
    );
    socket.end(body);
    const got = (await answer).toString();
    assert.deepEqual(statuses(got), [415], encoding);
    assert.match(got, /^accept-encoding: identity/m);
    assert.match(got, /"status":"415"/);
  }
  const plain = await client.send(
    'POST',
    '/Users',
    { schemas: [U], userName: 'ana' },
    { 'content-encoding': 'identity' },
  );
  assert.equal(plain.status, 409);
  await unchanged();
});

test('mutated bytes of whole requests: an answer below 500 or a closed connection, and the service goes on', async (t) => {
  const { raw, client } = await listening(t);
  const seeds = [
    `POST /scim/v2/Users HTTP/1.1\r\n${HEAD}\r\nContent-Length: ${CREATE.length}\r\n\r\n${CREATE}`,
    `GET /scim/v2/Users?filter=userName%20eq%20%22ana%22 HTTP/1.1\r\n${HEAD}\r\n\r\n`,
    `DELETE /scim/v2/Users/nobody HTTP/1.1\r\n${HEAD}\r\nIf-Match: W/"1"\r\n\r\n`,
    `POST /scim/v2/Users/.search HTTP/1.1\r\n${HEAD}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  ].map((seed) => Buffer.from(seed, 'latin1'));
  let answered = 0;
  for (let number = 0; number < 600; number++) {
    const prng = new Prng(number);
    const answer = await raw(mutate(prng.pick(seeds), prng.pick(seeds), prng));
    for (const status of statuses(answer)) {
      answered += 1;
      assert.ok(status < 500, `case ${number}: ${answer.slice(0, 300)}`);
    }
  }
  assert.ok(answered > 300, `${answered} answers only`);
  assert.equal((await client.get('/Users?count=0')).status, 200);
});
