import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../sync/world.ts';
import { installation } from './installation.ts';

test('the ledger verifies by a key and by heads that were kept elsewhere, also after somebody was erased from it', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const okta = here.at(service.scim);
  const id = await okta.user('ana@corp.test');
  await okta.group('ci-pay-dev', [id]);
  await eventually(() => here.holders('pay-developer').includes('ana@corp.test'));
  await okta.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
  await eventually(() => !here.holders('pay-developer').includes('ana@corp.test'));
  await okta.send('DELETE', `/Users/${id}`);
  await service.end('SIGTERM');
  here.write('service.log', service.log());
  const key = await here.run('ledger', 'public-key');
  here.write('heads.pem', key.out);
  const words = [
    'ledger',
    'verify',
    '--public-key',
    `${here.folder}/heads.pem`,
    '--anchors',
    `${here.folder}/service.log`,
  ];
  const before = await here.run(...words);
  assert.equal(before.exit, 0, before.err);
  assert.match(before.out, /unbroken, [1-9]\d* anchor\(s\) in it/);
  assert.match((await here.run('ledger', 'export')).out, /ana@corp\.test/);
  const erased = await here.run('--json', 'ledger', 'erase', 'ana@corp.test', '--yes');
  assert.equal(erased.exit, 0, erased.err);
  assert.ok(erased.json<{ records: number }>().records > 0);
  assert.doesNotMatch((await here.run('ledger', 'export')).out, /ana@corp\.test/);
  const after = await here.run(...words);
  assert.equal(after.exit, 0, after.err);
  here.write('forged.log', service.log().replace(/"signature":"../g, '"signature":"AA'));
  const forged = await here.run(...words.slice(0, -1), `${here.folder}/forged.log`);
  assert.equal(forged.exit, 1);
  assert.match(forged.err, /LED_BROKEN/);
});
