import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pace } from '../../src/server/pace.ts';
import { SimulatedTime } from '../sim/time.ts';
import { serviceWorld } from './world.ts';

const slow = { requestsPerSecond: 2, burst: 3 } as const;

test('a connection may send a burst, then so many a second, and is told how long to wait', () => {
  const pace = new Pace(() => slow);
  for (let sent = 0; sent < 3; sent++) assert.equal(pace.take('okta', 0), undefined);
  assert.equal(pace.take('okta', 0), 500);
  assert.equal(pace.take('okta', 400), 100);
  assert.equal(pace.take('okta', 500), undefined);
  assert.equal(pace.take('entra', 500), undefined, 'another connection has a bucket of its own');
});

test('what is charged later delays the next requests, by a burst at most', () => {
  const pace = new Pace(() => slow);
  pace.charge('okta', 1_000_000, 0);
  assert.equal(pace.take('okta', 0), 2_000);
  assert.equal(pace.take('okta', 2_000), undefined);
});

test('a refusal forgives nothing of what is owed already', () => {
  const pace = new Pace(() => ({ requestsPerSecond: 1, burst: 100 }));
  pace.charge('okta', 1_000, 0);
  pace.penalize('okta', 0);
  assert.equal(pace.owes('okta', 0), 100_000);
});

test('who has nothing left owes nothing; who was charged more owes what it takes to have that again', () => {
  const pace = new Pace(() => slow);
  pace.charge('okta', 3, 0);
  assert.equal(pace.owes('okta', 0), undefined);
  pace.charge('okta', 1, 0);
  assert.equal(pace.owes('okta', 0), 500);
  assert.equal(pace.owes('okta', 400), 100);
  assert.equal(pace.owes('okta', 500), undefined);
});

test('without a limit nobody waits', () => {
  const pace = new Pace(() => ({ requestsPerSecond: 'unlimited', burst: 1 }));
  for (let sent = 0; sent < 1_000; sent++) assert.equal(pace.take('okta', 0), undefined);
});

test('whatever comes when: never more than a burst and what the time is worth', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(700), { maxLength: 200 }), (gaps) => {
      const pace = new Pace(() => slow);
      let now = 0;
      let taken = 0;
      for (const gap of gaps) {
        now += gap;
        if (pace.take('okta', now) === undefined) taken += 1;
      }
      assert.ok(taken <= slow.burst + (now * slow.requestsPerSecond) / 1000 + 1e-6);
    }),
  );
});

test('over its limit a connection gets 429 with Retry-After in SCIM form, and only that connection', async (t) => {
  const { app, token, time, meter } = await serviceWorld(t, { pace: () => slow });
  const okta = await token({ kind: 'scim', connection: 'okta' });
  const entra = await token({ kind: 'scim', connection: 'entra' });
  const get = (headers: Record<string, string>) => app.inject({ method: 'GET', url: '/scim/v2/Users', headers });
  for (let sent = 0; sent < 3; sent++) assert.equal((await get(okta)).statusCode, 200);
  const refused = await get(okta);
  assert.equal(refused.statusCode, 429);
  assert.equal(refused.headers['retry-after'], '3', 'two a second, and a refusal counts for four');
  assert.match(String(refused.headers['content-type']), /^application\/scim\+json/);
  assert.deepEqual(refused.json().schemas, ['urn:ietf:params:scim:api:messages:2.0:Error']);
  assert.equal(refused.json().status, '429');
  assert.equal((await get(entra)).statusCode, 200);
  const elsewhere = await app.inject({ method: 'GET', url: '/metrics', headers: okta });
  assert.equal(elsewhere.statusCode, 401, 'where it is no token it is none over its limit');
  assert.match(await meter.text(), /jenkins_scim_limited_total\{connection="okta"\} 1/);
  await time.advance(3_000);
  assert.equal((await get(okta)).statusCode, 200);
});

test('the limit is of the connection, whichever of its tokens is used', async (t) => {
  const { app, token } = await serviceWorld(t, { pace: () => slow });
  const statuses: number[] = [];
  for (let sent = 0; sent < 5; sent++) {
    const headers = await token({ kind: 'scim', connection: 'okta' });
    statuses.push((await app.inject({ method: 'GET', url: '/scim/v2/Users', headers })).statusCode);
  }
  assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
});

test('who is over the limit is refused before the body is read or the token is looked up again', async (t) => {
  const world = await serviceWorld(t, { pace: () => slow });
  let verified = 0;
  const { verify } = world.credentials;
  world.credentials.verify = (...given) => {
    verified += 1;
    return verify(...given);
  };
  const headers = {
    ...(await world.token({ kind: 'scim', connection: 'okta' })),
    'content-type': 'application/scim+json',
  };
  const post = (payload: string) => world.app.inject({ method: 'POST', url: '/scim/v2/Users', headers, payload });
  for (let sent = 0; sent < 3; sent++) await post('{}');
  assert.equal((await post('{')).statusCode, 429, 'not a 400: nothing was parsed');
  const before = verified;
  // Later ones of this second are held.
  for (let sent = 0; sent < 9; sent++) assert.equal((await post('{')).statusCode, 429);
  assert.equal(verified, before);
});

test('a revoked token is a 401 again a second later, however fast it asks', async (t) => {
  const { app, credentials, time } = await serviceWorld(t, { pace: () => ({ requestsPerSecond: 1, burst: 1 }) });
  const { id, token } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'test');
  const get = async () =>
    (await app.inject({ method: 'GET', url: '/scim/v2/Users', headers: { authorization: `Bearer ${token}` } }))
      .statusCode;
  assert.deepEqual([await get(), await get()], [200, 429]);
  await credentials.revoke(id, 'test');
  await time.advance(1_000);
  assert.equal(await get(), 401);
});

test('what is no valid token is never counted against a connection', async (t) => {
  const { app, token } = await serviceWorld(t, { pace: () => slow });
  const { authorization } = await token({ kind: 'scim', connection: 'okta' });
  for (let sent = 0; sent < 20; sent++)
    await app.inject({ method: 'GET', url: '/scim/v2/Users', headers: { authorization: `${authorization}x` } });
  const answer = await app.inject({ method: 'GET', url: '/scim/v2/Users', headers: { authorization } });
  assert.equal(answer.statusCode, 200);
});

test('a large body counts for more than one request', async (t) => {
  const { app, token } = await serviceWorld(t, {
    pace: () => ({ requestsPerSecond: 1, burst: 10 }),
    limits: { body: 2_000_000 },
  });
  const headers = { ...(await token({ kind: 'scim', connection: 'okta' })), 'content-type': 'application/json' };
  const payload = JSON.stringify({ text: 'x'.repeat(300_000) });
  const post = async () => (await app.inject({ method: 'POST', url: '/scim/v2/Users', headers, payload })).statusCode;
  // 300 KB sent and 300 KB answered: ten of ten.
  assert.deepEqual([await post(), await post()], [200, 429]);
});

test('refusals are held back, so that who does not wait is made to; the log tells once', async (t) => {
  const time = new SimulatedTime();
  const { app, token, lines } = await serviceWorld(t, { pace: () => slow, timers: time });
  const headers = await token({ kind: 'scim', connection: 'okta' });
  const answered: number[] = [];
  const all = Array.from({ length: 40 }, async () => {
    const { statusCode } = await app.inject({ method: 'GET', url: '/scim/v2/Users', headers });
    answered.push(statusCode);
  });
  while (answered.length < 13) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answered.length, 13, 'three of the burst and ten refusals; the rest waits');
  await time.advance(1_000);
  await Promise.all(all);
  assert.equal(answered.filter((status) => status === 429).length, 37);
  assert.equal(lines.filter(({ message }) => message === 'a connection is over its limit of requests').length, 1);
});

test('a service that stops answers what it holds', async (t) => {
  const { app, token } = await serviceWorld(t, { pace: () => slow, timers: new SimulatedTime() });
  const headers = await token({ kind: 'scim', connection: 'okta' });
  const all = Array.from({ length: 30 }, () => app.inject({ method: 'GET', url: '/scim/v2/Users', headers }));
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  await app.close();
  const statuses = (await Promise.all(all)).map(({ statusCode }) => statusCode);
  assert.equal(statuses.filter((status) => status === 429).length, 27);
});

test('a large body of a connection over its limit is not waited for: 429, and the connection ends', async (t) => {
  const { app, token } = await serviceWorld(t, { pace: () => ({ requestsPerSecond: 1, burst: 1 }) });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const { authorization } = await token({ kind: 'scim', connection: 'okta' });
  await app.inject({ method: 'GET', url: '/scim/v2/Users', headers: { authorization } });
  const socket = connect(port, '127.0.0.1');
  // Of the ten million bytes none is ever sent.
  socket.write(
    `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/scim+json\r\nContent-Length: 10000000\r\n\r\n`,
  );
  const answer = await text(socket);
  assert.match(answer, /^HTTP\/1\.1 429 /);
  assert.match(answer, /^retry-after: 3\r$/m);
  assert.match(answer, /^connection: close\r$/im);
});

test('a refusal costs the same, however large the body is that nobody reads', async (t) => {
  const { app, token, time } = await serviceWorld(t, { pace: () => ({ requestsPerSecond: 1, burst: 20 }) });
  const headers = await token({ kind: 'scim', connection: 'okta' });
  const get = (more = {}) => app.inject({ method: 'GET', url: '/scim/v2/Users', headers: { ...headers, ...more } });
  for (let sent = 0; sent < 20; sent++) await get();
  assert.equal((await get({ 'content-length': '10000000' })).statusCode, 429);
  await time.advance(3_000);
  assert.equal((await get()).statusCode, 200, 'two seconds of penalty, and one of its own');
});

test('where more refusals are held than there may be the connection ends', async (t) => {
  const timers = new SimulatedTime();
  const { app, token } = await serviceWorld(t, { pace: () => slow, timers });
  const headers = await token({ kind: 'scim', connection: 'okta' });
  const all = Array.from({ length: 530 }, () => app.inject({ method: 'GET', url: '/scim/v2/Users', headers }));
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  await timers.advance(1_000);
  const closed = (await Promise.all(all)).filter(({ headers: { connection } }) => connection === 'close');
  assert.equal(closed.length, 5, 'three of the burst, ten at once and 512 held go on');
});

test('a large answer costs as much where its client does not wait for it', async (t) => {
  const { app, token, time } = await serviceWorld(t, { pace: () => ({ requestsPerSecond: 1, burst: 5 }) });
  app.get('/scim/v2/large', { config: { access: 'scim' } }, async () => Buffer.alloc(20_000_000, 'x'));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const { authorization } = await token({ kind: 'scim', connection: 'okta' });
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /scim/v2/large HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`);
  await once(socket, 'data');
  socket.destroy();
  const next = () => app.inject({ method: 'GET', url: '/scim/v2/Users', headers: { authorization } });
  assert.equal((await next()).statusCode, 429);
  await time.advance(60_000);
  assert.equal((await next()).statusCode, 200);
});

test('who asks on and on gets next to nothing; who waits as told gets its rate; it is over two seconds after', () => {
  const limits = { requestsPerSecond: 100, burst: 10 } as const;
  const run = (pause: (wait: number) => number): number => {
    const pace = new Pace(() => limits);
    let taken = 0;
    for (let now = 0; now < 10_000; ) {
      const wait = pace.take('okta', now);
      if (wait === undefined) taken += 1;
      else pace.penalize('okta', now);
      now += wait === undefined ? 0 : pause(wait);
    }
    assert.equal(pace.wait('okta', 12_010), undefined);
    return taken;
  };
  assert.ok(run(() => 10) < 50, 'of a thousand');
  assert.ok(run((wait) => Math.max(1_000, wait)) >= 100, 'a burst a second is all there is');
});

test('people who look at themselves do not use up what their identity provider may send', async (t) => {
  const limits = { requestsPerSecond: 1, burst: 2 } as const;
  const world = await serviceWorld(t, { pace: () => limits });
  const { authorization } = await world.token({ kind: 'scim', connection: 'okta' });
  const record = await world.credentials.verify(authorization, 'scim');
  const { verify } = world.credentials;
  world.credentials.verify = async (given, ...rest) =>
    given === 'person'
      ? { ...record, scopes: [], person: { attribute: 'userName', value: 'ana' } }
      : verify(given, ...rest);
  const get = async (sent: string) =>
    (await world.app.inject({ method: 'GET', url: '/scim/v2/Users', headers: { authorization: sent } })).statusCode;
  const people = [await get('person'), await get('person'), await get('person')];
  assert.deepEqual(people, [200, 200, 429]);
  assert.deepEqual([await get(authorization), await get(authorization), await get(authorization)], [200, 200, 429]);
});

test('requests at the token endpoint count as those of the connection (RFC 6749 §3.2)', async (t) => {
  const { app, credentials, meter, time } = await serviceWorld(t, { pace: () => ({ requestsPerSecond: 1, burst: 2 }) });
  const { id, token } = await credentials.createClient({ connection: 'okta' }, 'test');
  const authorization = `Basic ${Buffer.from(`${id}:${token}`).toString('base64')}`;
  const ask = () =>
    app.inject({
      ...{ method: 'POST', url: '/oauth/token', payload: 'grant_type=client_credentials' },
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    });
  const first = await ask();
  assert.equal((await ask()).statusCode, 200);
  const refused = await ask();
  assert.deepEqual([refused.statusCode, refused.json().error], [429, 'temporarily_unavailable']);
  assert.match(String(refused.headers['retry-after']), /^[1-9]\d*$/);
  const bearer = { authorization: `Bearer ${first.json().access_token}` };
  assert.equal((await app.inject({ url: '/scim/v2/Users', headers: bearer })).statusCode, 429, 'it is one bucket');
  assert.match(await meter.text(), /jenkins_scim_limited_total\{connection="okta"\} 2/);
  await time.advance(10_000);
  assert.equal((await ask()).statusCode, 200);
});
