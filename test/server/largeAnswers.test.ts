import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { systemTimers } from '../../src/cli/edge.ts';
import { listen } from '../../src/server/listen.ts';
import { SimulatedTime } from '../sim/time.ts';
import { serviceWorld } from './world.ts';

/** More than the buffers of a connection take. */
const LONG = 'x'.repeat(20_000_000);

async function running(t: TestContext) {
  const time = new SimulatedTime();
  const { app, token, lines } = await serviceWorld(t, {
    timers: time,
    scim: () => async (inner) => {
      inner.get('/long', { config: { access: 'scim' } }, async () => LONG);
      inner.get('/short', { config: { access: 'scim' } }, async () => 'short');
    },
  });
  const { authorization } = await token({ kind: 'scim', connection: 'okta' });
  const { url, stop } = await listen(app, { host: '127.0.0.1', port: 0 }, systemTimers);
  t.after(stop);
  const ask = async (path: string): Promise<Socket> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
    t.after(() => socket.destroy());
    socket.write(`GET /scim/v2/${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`);
    await once(socket, 'readable');
    return socket;
  };
  return { ask, time, lines };
}

/** Reads so much, or less where the other side has ended it. */
async function take(socket: Socket, bytes: number): Promise<number> {
  let taken = 0;
  await new Promise<void>((resolve) => {
    const more = (chunk: Buffer): void => {
      taken += chunk.length;
      if (taken >= bytes) end();
    };
    const end = (): void => {
      socket.off('data', more).off('close', end).pause();
      resolve();
    };
    socket.on('data', more).on('close', end).resume();
  });
  return taken;
}

test('who reads a large answer slowly has a minute for it, however it goes on reading; the log says so', async (t) => {
  const { ask, time, lines } = await running(t);
  const slow = await ask('long');
  slow.on('error', () => {});
  let taken = 0;
  for (let second = 0; second < 59; second++) {
    await time.advance(1_000);
    taken += await take(slow, 10_000);
  }
  assert.ok(taken >= 590_000 && !slow.destroyed);
  await time.advance(1_000);
  taken += await take(slow, LONG.length - taken);
  assert.ok(taken < LONG.length, `${taken} bytes`);
  const told = lines.find(({ fields }) => fields.route === '/scim/v2/long');
  assert.equal(told?.fields.abandoned, true);
});

test('who reads a large answer in time keeps the connection, long after', async (t) => {
  const { ask, time } = await running(t);
  const quick = await ask('long');
  assert.ok((await take(quick, LONG.length)) >= LONG.length);
  await time.advance(120_000);
  assert.equal(quick.destroyed, false);
  const short = await ask('short');
  await time.advance(120_000);
  assert.equal(short.destroyed, false);
});

test('nobody is waited for who has gone away before a large answer', async (t) => {
  const entered = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const time = new SimulatedTime();
  const waits: unknown[] = [];
  const after = (...order: Parameters<SimulatedTime['after']>) => {
    waits.push(order);
    return time.after(...order);
  };
  const { app, token } = await serviceWorld(t, {
    timers: { after },
    scim: () => async (inner) => {
      inner.addHook('onRequest', async (_request, reply) => void reply.raw.once('close', () => finish.resolve()));
      inner.get('/long', { config: { access: 'scim' } }, async () => {
        entered.resolve();
        await finish.promise;
        return LONG;
      });
    },
  });
  const { authorization } = await token({ kind: 'scim', connection: 'okta' });
  const { url, stop } = await listen(app, { host: '127.0.0.1', port: 0 }, systemTimers);
  t.after(stop);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`GET /scim/v2/long HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`);
  await entered.promise;
  socket.destroy();
  await finish.promise;
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(waits, []);
});
