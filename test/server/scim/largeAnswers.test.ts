import assert from 'node:assert/strict';
import { once } from 'node:events';
import { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crowd } from '../../directory/open.ts';
import { G, type Json, type ScimWorld, scimWorld } from './world.ts';

const SIZE = 20_000;
/** An answer of them is more than the buffers of a connection take. */
const HUGE = 60_000;
/** Bytes that may be given to a connection in one turn of the event loop: some 2,000 members. */
const A_TURN = 640 * 1024;
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

/** A service that listens, with a group of 20,000 people and three of 1,900, what it answered with and what it wrote in each turn. */
async function listening(t: TestContext, size = SIZE) {
  const world = await scimWorld(t);
  const answered: unknown[] = [];
  world.app.addHook('onSend', (_request, _reply, payload, done) => {
    answered.push(payload);
    done();
  });
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 });
  const sockets = connections(world);
  const users = await crowd(world, size);
  const large = await world.group('large', users);
  for (const name of ['a', 'b', 'c']) await world.group(name, users.slice(0, 1_900));
  return { ...world, url, users, large, answered, sockets, writes: writesByTurn(t) };
}

/** Bytes that answers gave to their connections, by turn of the event loop. */
function writesByTurn(t: TestContext): () => number[] {
  let bytes = new Map<number, number>();
  let turn = 0;
  let ticking: NodeJS.Immediate | undefined;
  const tick = (): void => {
    turn += 1;
    ticking = setImmediate(tick);
  };
  tick();
  t.after(() => clearImmediate(ticking));
  for (const name of ['write', 'end'] as const) {
    const own = ServerResponse.prototype[name] as (...all: unknown[]) => unknown;
    t.mock.method(ServerResponse.prototype, name, function (this: ServerResponse, chunk: unknown, ...rest: unknown[]) {
      const length = typeof chunk === 'string' || Buffer.isBuffer(chunk) ? Buffer.byteLength(chunk) : 0;
      bytes.set(turn, (bytes.get(turn) ?? 0) + length);
      return own.call(this, chunk, ...rest);
    });
  }
  return () => {
    const found = [...bytes.values()].filter((length) => length > 0);
    bytes = new Map();
    return found;
  };
}

function ask({ url }: { readonly url: string }, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${url}/scim/v2${path}`, {
    method,
    headers: {
      authorization: 'Bearer okta users:read,groups:read,groups:write',
      'content-type': 'application/scim+json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test('an answer with very many members goes out in pieces, a turn of the event loop for each', async (t) => {
  const world = await listening(t);
  const { large, users, writes } = world;
  const search = { schemas: [SEARCH], filter: 'displayName pr', count: 10 };
  const replaced = { schemas: [G], displayName: 'large', members: users.map((value) => ({ value })) };
  const asked: [string, string, object?][] = [
    ['GET', `/Groups/${large}`],
    ['GET', '/Groups?count=10'],
    ['GET', '/Groups?count=10&cursor='],
    ['GET', '/Groups?count=10&sortBy=displayName&cursor='],
    ['POST', '/Groups/.search', search],
    ['POST', '/.search', search],
    ['POST', '/.search', { ...search, sortBy: 'displayName' }],
    ['PUT', `/Groups/${large}`, replaced],
    ['POST', '/Groups', { ...replaced, displayName: 'another' }],
  ];
  for (const [method, path, body] of asked) {
    writes();
    const answer = await ask(world, method, path, body);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const what = `${method} ${path} ${answer.status}`;
    assert.ok(answer.ok, what);
    assert.equal(answer.headers.get('content-length'), String(bytes.length), what);
    assert.equal(answer.headers.get('transfer-encoding'), null, what);
    assert.equal(answer.headers.get('content-type'), 'application/scim+json; charset=utf-8', what);
    const written = writes();
    assert.equal(
      written.reduce((sum, length) => sum + length, 0),
      bytes.length,
      what,
    );
    assert.ok(written.length >= 10, `${what}: ${written.length} turns`);
    assert.ok(Math.max(...written) <= A_TURN, `${what}: ${Math.max(...written)} bytes in one turn`);
    const found: Json = JSON.parse(bytes.toString());
    const group = found.Resources?.find((one: Json) => one.displayName === 'large') ?? found;
    assert.deepEqual(
      group.members.map((member: Json) => member.value),
      [...users].sort(),
      what,
    );
    if (found.Resources !== undefined)
      assert.deepEqual([found.totalResults, found.itemsPerPage, found.Resources.length], [4, 4, 4], what);
  }
});

test('a page of a thousand people goes out in pieces, too', async (t) => {
  const world = await listening(t);
  world.writes();
  const answer = await ask(world, 'GET', '/Users?count=1000');
  const found: Json = await answer.json();
  assert.equal(found.Resources.length, 1000);
  const written = world.writes();
  assert.ok(written.length >= 2 && Math.max(...written) <= A_TURN, String(written));
});

test('HEAD, If-None-Match and the pace know a large answer as they know a small one', async (t) => {
  const world = await listening(t);
  const { large } = world;
  const whole = await ask(world, 'GET', `/Groups/${large}`);
  const { length } = Buffer.from(await whole.arrayBuffer());
  const head = await ask(world, 'HEAD', `/Groups/${large}`);
  assert.equal(await head.text(), '');
  for (const name of ['content-length', 'content-type', 'etag'])
    assert.equal(head.headers.get(name), whole.headers.get(name), name);
  assert.equal(head.headers.get('content-length'), String(length));
  const known = await world.as('okta').get(`/Groups/${large}`, { 'if-none-match': String(whole.headers.get('etag')) });
  assert.deepEqual([known.status, known.text], [304, '']);
});

test('a large answer counts with its bytes for the pace of its connection', async (t) => {
  const world = await scimWorld(t, {}, undefined, undefined, () => ({ requestsPerSecond: 1, burst: 20 }));
  const users = await crowd(world, 10_000);
  const id = await world.group('large', users);
  const client = world.as('okta');
  assert.equal((await client.get(`/Groups/${id}`)).status, 200);
  assert.equal((await client.get('/Users?count=1')).status, 429);
});

/** Asks over a connection of its own and reads nothing. */
async function stalled({ url, large, answered }: Awaited<ReturnType<typeof listening>>) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
  await once(socket, 'connect');
  socket.write(
    `GET /scim/v2/Groups/${large} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer okta groups:read\r\n\r\n`.replace(
      '\n\n',
      '\n',
    ),
  );
  while (answered.length === 0) await nextTurn();
  return { socket, body: answered[0] as Readable };
}

/** Turns pass until nothing more goes out. */
async function quiet(app: ScimWorld['app'], connection: Socket): Promise<void> {
  assert.ok(app.server.listening);
  for (let still = 0, last = -1; still < 200; still++) {
    if (connection.bytesWritten !== last) still = 0;
    last = connection.bytesWritten;
    await nextTurn();
  }
}

/** The sockets of the service's side. */
function connections({ app }: Pick<ScimWorld, 'app'>): Socket[] {
  const found: Socket[] = [];
  app.server.on('connection', (socket: Socket) => found.push(socket));
  return found;
}

test('who does not read holds up one piece, and gets all of it as soon as it reads', async (t) => {
  const world = await listening(t, HUGE);
  const { socket, body } = await stalled(world);
  await quiet(world.app, world.sockets[0]!);
  assert.ok(body.readableLength <= A_TURN, `${body.readableLength} bytes wait in the answer`);
  const waiting = world.sockets[0]!.writableLength;
  assert.ok(waiting <= A_TURN, `${waiting} bytes wait in the connection`);
  assert.equal(body.destroyed, false);
  // The service may stop meanwhile: what was begun is finished, then its connection is closed.
  const closed = world.app.close();
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  await closed;
  const found: Json = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
  assert.equal(found.members.length, HUGE);
});

test('who goes away in the midst of a large answer leaves nothing behind', async (t) => {
  const world = await listening(t, HUGE);
  const { socket, body } = await stalled(world);
  await quiet(world.app, world.sockets[0]!);
  socket.destroy();
  if (!body.destroyed) await once(body, 'close');
  assert.equal(body.destroyed, true);
  assert.equal(world.sockets[0]!.destroyed, true);
  await world.app.close();
});

test('a connection whose client never reads on is cut after its idle time', async (t) => {
  const world = await listening(t, HUGE);
  assert.equal(world.app.server.timeout, 120_000);
  world.app.server.timeout = 200;
  const { socket, body } = await stalled(world);
  if (!body.destroyed) await once(body, 'close');
  assert.equal(world.sockets[0]!.destroyed, true);
  socket.destroy();
  await world.app.close();
});
