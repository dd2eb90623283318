import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { installation } from './installation.ts';

test('SCIM_RATE: who sends too fast reads how long to wait, which limit to raise, and what counts as many requests', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  const limited = 'okta: { profile: okta, limits: { requestsPerSecond: 1, burst: 2 } }';
  here.write('jenkins-scim.yaml', here.read('jenkins-scim.yaml').replace('okta: { profile: okta }', limited));
  const service = await here.serve();
  const ask = () =>
    fetch(`${service.scim}/Users?count=1`, { headers: { authorization: `Bearer ${here.token.token}` } });
  let refused: Response | undefined;
  for (let sent = 0; sent < 100 && refused === undefined; sent++) {
    const answer = await ask();
    if (answer.status === 429) refused = answer;
    else await answer.text();
  }
  assert.ok(refused, 'nothing was refused');
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.deepEqual(await refused.json(), {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: '429',
    detail:
      'The connection sends more than 1 requests a second. Wait for Retry-After seconds, or raise limits.requestsPerSecond of ' +
      'the connection. A search that no index answers counts as many requests: filter by userName, externalId, id or ' +
      'emails.value (docs/limits.md).',
  });
  assert.equal(await service.end('SIGTERM'), 0);
});

test('KEY_FOREIGN: who names the keys of another database reads which folder belongs there, in text and in JSON', async (t) => {
  const [here, other] = [await installation(t), await installation(t)];
  const keys = join(other.folder, 'keys');
  here.write('foreign.yaml', here.read('jenkins-scim.yaml').replace('server:', `keys: ${keys}\nserver:`));
  const remedy =
    'Set keys: to the folder this database, or this backup, was made with (a copy of it on each replica), or database: to ' +
    'the one of these keys. Nothing was written.';
  const ran = await here.run('--config', join(here.folder, 'foreign.yaml'), 'plan');
  assert.equal(ran.exit, 1);
  assert.equal(ran.err, `KEY_FOREIGN: The keys in ${keys} belong to another database\nRemedy: ${remedy}\n`);
  const read = await here.run('--config', join(here.folder, 'foreign.yaml'), '--json', 'plan');
  assert.deepEqual(read.json(), {
    error: { code: 'KEY_FOREIGN', message: `The keys in ${keys} belong to another database`, remedy },
  });
});
