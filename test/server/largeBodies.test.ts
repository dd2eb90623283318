import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { systemTimers } from '../../src/cli/edge.ts';
import { listen } from '../../src/server/listen.ts';
import { Room } from '../../src/server/room.ts';
import { SimulatedTime } from '../sim/time.ts';
import { serviceWorld } from './world.ts';

const LARGEST = 200_000;
const BODY = JSON.stringify('x'.repeat(150_000 - 2));

async function running(t: TestContext) {
  const open: Socket[] = [];
  t.after(() => {
    for (const socket of open) socket.destroy();
  });
  const time = new SimulatedTime();
  const { app, token } = await serviceWorld(t, {
    timers: time,
    limits: { body: LARGEST },
    scim: () => async (inner) => {
      inner.post('/Users', { config: { access: 'scim' } }, async (request) => String(request.body).length);
    },
  });
  const okta = await token({ kind: 'scim', connection: 'okta' });
  const entra = await token({ kind: 'scim', connection: 'entra' });
  const { url, stop } = await listen(app, { host: '127.0.0.1', port: 0 }, systemTimers);
  t.after(stop);
  const { hostname, port } = new URL(url);
  /** A request whose body does not follow before it is asked for, or in chunks. */
  const ask = ({ authorization }: { authorization: string }, framing: string): Socket => {
    const socket = connect(Number(port), hostname);
    open.push(socket.on('error', () => {}));
    socket.write(
      `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: ${authorization}\r\n${framing}\r\n\r\n`,
    );
    return socket;
  };
  return { okta, entra, ask, time };
}

const LARGE = `Content-Length: ${BODY.length}\r\nExpect: 100-continue`;

const moment = (): Promise<undefined> => new Promise((end) => setTimeout(() => end(undefined), 300));

/** Whether the service asks for the body within a moment. */
async function isAsked(socket: Socket): Promise<boolean> {
  const given = await Promise.race([once(socket, 'data'), moment()]);
  return given !== undefined && String(given[0]).startsWith('HTTP/1.1 100 ');
}

test('large bodies of one connection are read in turns; small ones and those of others wait for none', async (t) => {
  const { okta, entra, ask } = await running(t);
  const first = ask(okta, LARGE);
  assert.equal(await isAsked(first), true, 'the first');
  const second = ask(okta, LARGE);
  assert.equal(await isAsked(second), false, 'the second, while the first is held back');
  assert.equal(await isAsked(ask(entra, LARGE)), true, 'of another connection');
  const small = ask(okta, 'Content-Length: 2');
  small.write('""');
  assert.match(await text(small), /^HTTP\/1.1 200 /, 'a small one');
  const chunks = ask(okta, 'Transfer-Encoding: chunked');
  chunks.write('2\r\n""\r\n0\r\n\r\n');
  assert.match(await text(chunks), /^HTTP\/1.1 200 /, 'a small one that does not tell its length');

  const asked = isAsked(second);
  first.write(BODY);
  assert.match(await text(first), /^HTTP\/1.1 200 [\s\S]*149998$/);
  assert.equal(await asked, true, 'the second, when the first is answered');
});

test('a large body that does not tell its length waits where it is seen to be large; who goes away leaves', async (t) => {
  const { okta, ask } = await running(t);
  const first = ask(okta, LARGE);
  assert.equal(await isAsked(first), true);
  const chunked = ask(okta, 'Transfer-Encoding: chunked');
  chunked.write(`${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`);
  const answer = text(chunked);
  const before = await Promise.race([answer, moment()]);
  assert.equal(before, undefined, 'it waits');
  first.destroy();
  assert.match(await answer, /^HTTP\/1.1 200 [\s\S]*149998$/);
});

test('who goes away while they wait take no room when their turn comes, and what is too large waits for none', async (t) => {
  const { okta, ask } = await running(t);
  const first = ask(okta, LARGE);
  assert.equal(await isAsked(first), true);
  const gone = ask(okta, LARGE);
  assert.equal(await isAsked(gone), false);
  gone.destroy();
  const third = ask(okta, LARGE);
  assert.equal(await isAsked(third), false);
  const tooLarge = await Promise.race([text(ask(okta, `Content-Length: ${LARGEST + 1}`)), moment()]);
  assert.match(String(tooLarge), /^HTTP\/1.1 413 /);
  const asked = isAsked(third);
  first.write(BODY);
  assert.match(await text(first), /^HTTP\/1.1 200 /);
  assert.equal(await asked, true);
});

test('a large body whose turn does not come is told when to come again, before its time is over; the others go on', async (t) => {
  const { okta, ask, time } = await running(t);
  const first = ask(okta, LARGE);
  assert.equal(await isAsked(first), true);
  const second = ask(okta, LARGE);
  const chunked = ask(okta, 'Transfer-Encoding: chunked');
  chunked.write(`${BODY.length.toString(16)}\r\n${BODY}\r\n`);
  assert.equal(await isAsked(second), false);
  const answers = { second: text(second), chunked: text(chunked) };
  await time.advance(29_999);
  const third = ask(okta, LARGE);
  assert.equal(await isAsked(third), false);
  await time.advance(1);
  for (const [what, answer] of Object.entries(answers)) {
    const told = await answer;
    assert.match(told, /^HTTP\/1.1 429 /, what);
    assert.match(told, /retry-after: 10\r\n/i, what);
    assert.match(told, /application\/scim\+json[\s\S]*"status":"429"/, what);
  }
  const asked = isAsked(third);
  first.write(BODY);
  assert.match(await text(first), /^HTTP\/1.1 200 /);
  assert.equal(await asked, true, 'the third has not waited so long');
  third.write(BODY);
  assert.match(await text(third), /^HTTP\/1.1 200 /);
});

test('a room lets in, in turn, what fits; the largest has it for itself', async () => {
  const room = new Room(10, { timers: new SimulatedTime(), patience: 1_000 });
  const order: string[] = [];
  const enter = (name: string, size: number, who = 'a') =>
    room.enter(who, size).then((leave) => {
      order.push(name);
      return leave!;
    });
  const six = await enter('six', 6);
  const four = await enter('four', 4);
  const huge = enter('huge', 99);
  const late = enter('late', 1);
  const other = await enter('other', 10, 'b');
  assert.deepEqual(order, ['six', 'four', 'other']);
  four();
  four();
  other();
  await Promise.resolve();
  assert.deepEqual(order, ['six', 'four', 'other']);
  six();
  const leave = await huge;
  assert.deepEqual(order, ['six', 'four', 'other', 'huge']);
  leave();
  (await late)();
});
