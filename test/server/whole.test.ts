import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { loadKeys } from '../../src/config/loadKeys.ts';
import { createCredentials } from '../../src/credentials/createCredentials.ts';
import { derivedKey } from '../../src/credentials/derivedKey.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { createServer } from '../../src/server/app.ts';
import { createMeter } from '../../src/server/meter.ts';
import { scimRoutes } from '../../src/server/scim/routes.ts';
import { openStore } from '../../src/store/open.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { temporaryFolder } from '../store/open.ts';
import { routes } from './routes.ts';
import { keepingLog, type Line } from './world.ts';

const LIMITS = {
  body: 1_000_000,
  jsonDepth: 32,
  filterLength: 4096,
  filterDepth: 32,
  credentialLifetime: 63_158_400_000,
};
const CANARY = 'canary-5d21';

/** Everything real: files, keys, tokens, ledger, directory, SCIM. */
async function whole(t: TestContext) {
  const folder = temporaryFolder(t);
  const lines: Line[] = [];
  const log = keepingLog(lines);
  const clock = new SimulatedTime();
  const random = seededRandom();
  const store = await openStore(`sqlite:${join(folder, 'data.db')}`, { clock: systemClock, timers: systemTimers, log });
  const keys = loadKeys(join(folder, 'keys'), random);
  const ledger = createLedger({ store, keys, clock, random });
  const credentials = createCredentials({ store, keys: keys.token, clock, random, recorder: ledger, log });
  const directory = createDirectory({ store, clock, random, recorder: ledger, wake: () => {} });
  const meter = createMeter(clock);
  const app = createServer({
    server: { externalUrl: 'https://scim.example.test/' },
    limits: LIMITS,
    connections: new Set(['okta', 'entra']),
    ready: async () => true,
    scim: (baseUrl) =>
      scimRoutes({
        directory,
        baseUrl,
        limits: LIMITS,
        profile: () => 'okta',
        cursorKey: derivedKey(keys.token, 'scim cursor'),
        meter,
        log,
        clock,
        random,
        timers: { nextTurn: (run) => setImmediate(run) },
      }),
    ...{ credentials, meter, clock, timers: clock, random, log },
  });
  const close = async (): Promise<void> => {
    await app.close();
    await store.close();
  };
  t.after(close);
  await app.ready();
  const token = async (connection: string): Promise<{ id: string; authorization: string }> => {
    const made = await credentials.create({ kind: 'scim', connection }, 'test');
    return { id: made.id, authorization: `Bearer ${made.token}` };
  };
  const send = (method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, authorization: string, body?: unknown) =>
    app.inject({
      method,
      url: `/scim/v2${path}`,
      headers: { authorization, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { app, close, credentials, folder, ledger, lines, meter, send, token };
}

test('walking every route of the whole service anonymously, and with a token of another kind', async (t) => {
  const { app, credentials } = await whole(t);
  const all = routes(app);
  for (const known of [
    '/scim/v2/Users/x',
    '/scim/v2/Groups',
    '/scim/v2/Schemas',
    '/scim/v2/Bulk',
    '/api/v1/x/y',
    '/metrics',
  ])
    assert.ok(
      all.some(({ url }) => url === known),
      known,
    );
  const operator = await credentials.create({ kind: 'operator' }, 'test');
  for (const { method, url } of all) {
    const bare = await app.inject({ method: method as 'GET', url });
    const open = ['/livez', '/readyz'].includes(url);
    const answered = ['GET', 'HEAD'].includes(method) ? 200 : 405;
    assert.equal(bare.statusCode, open ? answered : 401, `${method} ${url}`);
    if (open) continue;
    assert.match(String(bare.headers['www-authenticate']), /^Bearer /, `${method} ${url}`);
    if (url.startsWith('/api/')) continue;
    const headers = { authorization: `Bearer ${operator.token}` };
    const wrong = await app.inject({ method: method as 'GET', url, headers });
    assert.ok(wrong.statusCode === 401 || wrong.statusCode === 429, `${method} ${url} ${wrong.statusCode}`);
  }
});

test('canaries: no token, no SCIM password in log, answer, metric, ledger or any file', async (t) => {
  const { close, folder, ledger, lines, meter, send, token } = await whole(t);
  const { authorization } = await token('okta');
  const secret = authorization.slice('Bearer jscim_'.length + 32, -8);
  const User = 'urn:ietf:params:scim:schemas:core:2.0:User';
  const user = { schemas: [User], userName: 'ana@corp.test', password: CANARY, active: true };
  const patch = (...Operations: unknown[]) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations,
  });

  const made = await send('POST', '/Users', authorization, user);
  assert.equal(made.statusCode, 201, made.body);
  const { id } = made.json();
  const answers = [
    made,
    await send('PUT', `/Users/${id}`, authorization, { ...user, displayName: 'Ana' }),
    await send('PATCH', `/Users/${id}`, authorization, patch({ op: 'replace', value: { password: CANARY } })),
    await send('PATCH', `/Users/${id}`, authorization, patch({ op: 'replace', path: 'password', value: CANARY })),
    await send('GET', `/Users/${id}?attributes=password`, authorization),
    await send('GET', `/Users?filter=password eq "${CANARY}"`, authorization),
    await send('POST', '/Users', authorization, `{"password":"${CANARY}",`),
    await send('POST', '/Users', authorization, { ...user, userName: { password: CANARY } }),
    await send('POST', '/Users', authorization, user),
  ];
  assert.deepEqual(
    answers.slice(0, 4).map(({ statusCode }) => Math.floor(statusCode / 100)),
    [2, 2, 2, 2],
  );
  await ledger.seal();
  const records = JSON.stringify(await ledger.records(1, 1000));
  assert.ok(records.includes('scim.user.created'));
  const numbers = await meter.text();
  await close();
  const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile());
  const places = new Map<string, string>([
    ['log', JSON.stringify(lines)],
    ['ledger', records],
    ['metrics', numbers],
    ...answers.map((answer, index): [string, string] => [`answer ${index}`, answer.body]),
    ...files.map(({ parentPath, name }): [string, string] => [name, readFileSync(join(parentPath, name), 'latin1')]),
  ]);
  assert.ok(places.has('data.db') && places.has('keys.json'));
  for (const [place, text] of places) {
    assert.ok(!text.includes(CANARY), `the password is in: ${place}`);
    assert.ok(!text.includes(secret), `the token is in: ${place}`);
  }
});

test('one id and one credential, from the push to its record', async (t) => {
  const { ledger, lines, send, token } = await whole(t);
  const { id: credential, authorization } = await token('okta');
  const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ana@corp.test' };
  const answer = await send('POST', '/Users', authorization, body);
  const request = answer.headers['x-request-id'];
  const [record] = await ledger.about({ kind: 'user', id: answer.json().id }, 1);
  assert.equal(record?.kind, 'scim.user.created');
  assert.equal(record.request, request);
  assert.equal(record.actor, credential);
  assert.ok(!JSON.stringify(record.body).includes('ana@corp.test'), 'names are personal values');
  assert.equal(lines.find(({ message }) => message === 'request')?.fields.request, request);
  await ledger.verify();
});

test('the ids of another connection do not exist', async (t) => {
  const { send, token } = await whole(t);
  const [okta, entra] = [await token('okta'), await token('entra')];
  const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ana@corp.test' };
  const { id } = (await send('POST', '/Users', okta.authorization, body)).json();
  assert.equal((await send('GET', `/Users/${id}`, okta.authorization)).statusCode, 200);
  const crossing = await send('GET', `/Users/${id}`, entra.authorization);
  assert.equal(crossing.statusCode, 404);
  assert.equal((await send('GET', '/Users', entra.authorization)).json().totalResults, 0);
});
