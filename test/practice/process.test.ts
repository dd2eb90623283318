import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { SimulatedTime, settle } from '../sim/time.ts';
import { ask, practise, SERVICE, TOKEN } from './stage.ts';

/** What comes back for bytes sent as they are; empty where the connection is just closed. */
function sendBytes(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', () => resolve(''));
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')));
  });
}

test('it is back on the same port after each kind of end', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  const { url } = practice;
  for (const line of ['restart', 'safeRestart', 'kill', 'reload'] as const) {
    await practice.hands.restart(line);
    assert.equal(practice.url, url);
    assert.equal((await ask(practice, 'GET', '/whoAmI/api/json')).status, 200, line);
  }
});

test('it can be closed in every phase of a restart, and stays closed', async () => {
  for (const at of [0, 1000, 5650, 5900, 6220, 8000, 9300, 10_000]) {
    const time = new SimulatedTime();
    const practice = await practise({ clock: time, timers: time, speed: 1 });
    void practice.hands.restart();
    await time.advance(at);
    await practice.close();
    await time.advance(20_000);
    await settle();
    await assert.rejects(ask(practice, 'GET', '/whoAmI/api/json'), `closed at ${at} ms`);
  }
});

test('an order during a restart begins another one', async (t) => {
  const time = new SimulatedTime();
  const practice = await practise({ clock: time, timers: time, speed: 1 });
  t.after(() => practice.close());
  void practice.hands.restart();
  await time.advance(3000);
  void practice.hands.restart('safeRestart');
  await time.advance(10_700);
  await settle();
  assert.equal((await ask(practice, 'GET', '/whoAmI/api/json')).status, 503, 'the first line would be over');
  await time.advance(5000);
  await settle(50);
  assert.equal((await ask(practice, 'GET', '/whoAmI/api/json')).status, 200);
});

test('what nobody recorded is 404, for administrators too', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  for (const path of [
    '/computer/api/json',
    '/job/pay/api/json',
    '/configuration-as-code/export',
    '/__proto__',
    '/user/x',
  ])
    assert.equal((await ask(practice, 'GET', path)).status, 404, path);
  assert.equal((await ask(practice, 'POST', '/user/admin/doDelete', { form: {} })).status, 404);
});

test('odd bytes get a refusal or a closed connection, and it goes on', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  const auth = `Authorization: Basic ${Buffer.from(`${SERVICE}:${TOKEN}`).toString('base64')}\r\n`;
  for (const bytes of [
    '\0\0\0',
    'GET\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    `GET /%zz%/api HTTP/1.1\r\nHost: x\r\n${auth}\r\n`,
    'GET /whoAmI/api/json HTTP/1.1\r\nHost: x\r\nAuthorization: Basic !!!\r\n\r\n',
    `POST /scriptText HTTP/1.1\r\nHost: x\r\n${auth}Content-Type: multipart/form-data; boundary=\r\nContent-Length: 0\r\n\r\n`,
    `POST /role-strategy/strategy/addRole HTTP/1.1\r\nHost: x\r\n${auth}Content-Length: 10\r\n\r\nshort`,
  ]) {
    const answer = await sendBytes(practice.url, bytes);
    assert.match(answer, /^(HTTP\/1\.1 (400|401|403|404|405|500|200) [\s\S]*)?$/, JSON.stringify(bytes));
  }
  assert.equal((await ask(practice, 'GET', '/whoAmI/api/json')).status, 200);
});

test('names that JavaScript knows are just names', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const form = { type: 'globalRoles', roleName: name, permissionIds: '', overwrite: 'false' };
    assert.equal((await ask(practice, 'POST', '/role-strategy/strategy/addRole', { form })).status, 200);
    const assigned = { type: 'globalRoles', roleName: name, user: name };
    assert.equal(
      (await ask(practice, 'POST', '/role-strategy/strategy/assignUserRole', { form: assigned })).status,
      200,
    );
    const { body } = await ask(practice, 'GET', `/role-strategy/strategy/getRole?type=globalRoles&roleName=${name}`);
    assert.deepEqual(JSON.parse(body).sids, [{ type: 'USER', sid: name }]);
  }
  const all = (await ask(practice, 'GET', '/role-strategy/strategy/getAllRoles')).body;
  assert.ok(all.includes('"__proto__":[{"type":"USER","sid":"__proto__"}]'), all);
});

test('a type that JavaScript knows is no role type', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  for (const type of ['__proto__', 'constructor', 'toString'])
    assert.equal((await ask(practice, 'GET', `/role-strategy/strategy/getAllRoles?type=${type}`)).status, 500);
});
