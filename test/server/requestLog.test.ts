import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { anonymous } from '../../src/server/requestLog.ts';
import { serviceWorld } from './world.ts';

const CANARY = 'canary-7f3a9';

test('nothing of a token, a password, a filter or a body comes into the log, an answer or a metric', async (t) => {
  const { app, lines, token, meter, store } = await serviceWorld(t);
  const auth = await token({ kind: 'scim', connection: 'okta' });
  const secret = auth.authorization.slice('Bearer '.length);
  const answers = [
    await app.inject({
      method: 'POST',
      url: '/scim/v2/Users',
      headers: { ...auth, 'content-type': 'application/json' },
      payload: JSON.stringify({ schemas: [], password: CANARY }).slice(0, -1),
    }),
    await app.inject({ url: `/scim/v2/Users?filter=userName eq "${CANARY}@corp.test"`, headers: auth }),
    await app.inject({ url: `/Users/${CANARY}@corp.test?x=${CANARY}` }),
    await app.inject({ url: `/x/${secret}/y` }),
    await app.inject({ url: `/scim/v2/Users/${CANARY}`, headers: { ...auth, cookie: CANARY, 'user-agent': CANARY } }),
    await app.inject({ url: '/scim/v2/Users', headers: { authorization: `Bearer ${CANARY}` } }),
    await app.inject({ url: '/scim/v2/Users', headers: { authorization: `Basic ${CANARY}` } }),
    await app.inject({ url: '/scim/v2/Users', headers: { authorization: `Bearer ${secret.slice(0, -1)}x` } }),
    await app.inject({ url: '/scim/v2/broken', headers: auth }),
  ];
  const database = await store.read((db) => db.selectFrom('tokens').selectAll().execute());
  const log = JSON.stringify(lines);
  assert.ok(lines.filter(({ message }) => message === 'request').length >= answers.length);
  for (const place of [log, await meter.text(), JSON.stringify(database)]) {
    assert.ok(!place.includes(CANARY));
    assert.ok(!place.includes(secret.slice(40, 100)));
  }
  for (const answer of answers.filter(({ statusCode }) => statusCode >= 400)) {
    assert.ok(!answer.body.includes(CANARY) && !JSON.stringify(answer.headers).includes(CANARY), answer.body);
    assert.ok(!answer.body.includes(secret.slice(40, 100)));
  }
});

test('a request whose client went away before its answer was out has a line, too', async (t) => {
  const { app, lines } = await serviceWorld(t);
  const { promise: asked, resolve: tell } = Promise.withResolvers<void>();
  const { promise: gone, resolve: go } = Promise.withResolvers<void>();
  app.get('/slow', { config: { access: 'public' } }, async (request) => {
    request.raw.socket.once('close', go);
    tell();
    await gone;
    return 'nobody reads this';
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((app.server.address() as { port: number }).port, '127.0.0.1');
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await asked;
  socket.destroy();
  await gone;
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  const told = lines.filter(({ message, fields }) => message === 'request' && fields.route === '/slow');
  assert.equal(told.length, 1);
  assert.equal(told[0]?.fields.abandoned, true);
  const whole = await fetch(`http://127.0.0.1:${(app.server.address() as { port: number }).port}/livez`);
  await whole.text();
  assert.ok(
    lines.filter(({ fields }) => fields?.route === '/livez').every(({ fields }) => fields.abandoned === undefined),
  );
});

test('one line for each request, with its id, route, status and who called', async (t) => {
  const { app, lines, credentials } = await serviceWorld(t);
  const { id, token } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'test');
  const uuid = '6f1c2d3e-0000-4000-8000-00000000abcd';
  const headers = { authorization: `Bearer ${token}` };
  const answer = await app.inject({ url: `/scim/v2/Users/${uuid}?attributes=x`, headers });
  const { ms, ...fields } = lines.find(({ message }) => message === 'request')!.fields;
  assert.equal(typeof ms, 'number');
  assert.deepEqual(fields, {
    request: answer.headers['x-request-id'],
    method: 'GET',
    route: '/scim/v2/Users/:id',
    resource: uuid,
    status: 200,
    client: '127.0.0.1',
    credential: id,
    connection: 'okta',
  });
});

test('probes are told at debug', async (t) => {
  const { app, lines } = await serviceWorld(t);
  for (const url of ['/livez', '/readyz', '/metrics']) await app.inject({ url });
  assert.deepEqual([...new Set(lines.map(({ level }) => level))], ['debug']);
});

test('an unknown path is shortened and without people', () => {
  assert.equal(anonymous('/Users/ana@corp.test'), '/Users/…');
  assert.equal(anonymous(`/x/${'y'.repeat(100)}/z`), '/x/…/z');
  assert.ok(anonymous('/a'.repeat(5000)).length <= 201);
});

test('a flood that is turned away writes a line a second for each client and kind, and the metric counts all of it', async (t) => {
  const server = { externalUrl: 'https://scim.example.test/', behindProxy: ['127.0.0.1'] };
  const { app, lines, meter, token, time } = await serviceWorld(t, { server });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const ask = async (path: string, headers: Record<string, string>) =>
    (await fetch(`http://127.0.0.1:${port}/scim/v2/${path}`, { headers })).text();
  const flood = async (count: number, from = '203.0.113.7') => {
    for (let index = 0; index < count; index++)
      await ask('Users', { authorization: 'Bearer x', 'x-forwarded-for': from });
    await new Promise((resolve) => setImmediate(resolve));
  };
  const count = () =>
    Object.fromEntries(
      [...Map.groupBy(lines, ({ message, level }) => `${level} ${message}`)].map(([kind, all]) => [kind, all.length]),
    );
  await flood(90);
  assert.deepEqual(count(), { 'info request': 10, 'warn authentication failed': 10 });
  await flood(1, '203.0.113.8');
  assert.deepEqual(count(), { 'info request': 11, 'warn authentication failed': 11 });
  await time.advance(1_000);
  lines.length = 0;
  await flood(9);
  assert.deepEqual(
    lines.map(({ message, fields }) => [message, fields.alsoBefore]),
    [
      ['authentication failed', 80],
      ['request', 80],
    ],
  );
  assert.match(await meter.text(), /jenkins_scim_refused_total\{[^}]*AUTH_INVALID[^}]*\} 100\n/);
  lines.length = 0;
  const headers = await token({ kind: 'scim', connection: 'okta' });
  for (let index = 0; index < 50; index++) await ask('nothing', headers);
  assert.deepEqual(count(), { 'info request': 50 }, 'who has a token has every line');
});
