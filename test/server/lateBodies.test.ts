import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { systemTimers } from '../../src/cli/edge.ts';
import { listen } from '../../src/server/listen.ts';
import { serviceWorld } from './world.ts';

/** A request whose body is on its way: the choke point has let it in. */
async function begun(t: TestContext) {
  const entered = Promise.withResolvers<void>();
  let done = 0;
  const world = await serviceWorld(t, {
    scim: () => async (app) => {
      app.addHook('preParsing', async () => entered.resolve());
      app.post('/Users', { config: { access: 'scim' } }, async () => {
        done += 1;
        return 'done';
      });
    },
  });
  const { url, stop } = await listen(world.app, { host: '127.0.0.1', port: 0 }, systemTimers);
  t.after(stop);
  const { id, token } = await world.credentials.create({ kind: 'scim', connection: 'okta' }, 'test');
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  const head = `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n`;
  socket.write(`${head}Authorization: Bearer ${token}\r\n\r\n{`);
  await entered.promise;
  const finish = (): Promise<string> => {
    socket.write('}');
    return text(socket);
  };
  return { ...world, id, token, finish, done: () => done };
}

test('a token that was revoked while a body was on its way opens nothing any more', async (t) => {
  const { credentials, id, time, finish, done } = await begun(t);
  await credentials.revoke(id, 'admin');
  await time.advance(1_001);
  assert.match(await finish(), /^HTTP\/1.1 401 [\s\S]*"status":"401"/);
  assert.equal(done(), 0);
});

test('a token that is still one is looked at again, and is let in as before', async (t) => {
  const { time, finish, done, lines } = await begun(t);
  await time.advance(50_000);
  assert.match(await finish(), /^HTTP\/1.1 200 /);
  assert.equal(done(), 1);
  assert.deepEqual(
    lines.filter(({ level }) => level === 'warn'),
    [],
  );
});

test('a token is looked at once where the body is there at once, again where it took longer than a second', async (t) => {
  const { credentials, time, finish, token, app } = await begun(t);
  await time.advance(50_000);
  const { mock } = t.mock.method(credentials, 'verify');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const quick = await app.inject({ method: 'POST', url: '/scim/v2/Users', headers, payload: '{}' });
  assert.deepEqual([quick.statusCode, mock.callCount()], [200, 1]);
  assert.match(await finish(), /^HTTP\/1.1 200 /);
  assert.equal(mock.callCount(), 2, 'it was looked at before this, too');
});
