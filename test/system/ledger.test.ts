import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
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

test('a copy says in its ledger where it came from, and by whom; the original says nothing new', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  await here.at(service.scim).user('ana@corp.test');
  await service.end('SIGTERM');
  const before = await here.run('ledger', 'export');
  const records = (text: string) => text.trim().split('\n').slice(0, -1);
  const copy = await here.run('--json', 'db', 'copy', `sqlite:${here.folder}/copy.db`, '--by', 'eve');
  assert.equal(copy.exit, 0, copy.err);
  const { tables, rows, digest } = copy.json<{ tables: number; rows: number; digest: string }>();
  assert.equal((await here.run('ledger', 'export')).out, before.out);
  here.write('jenkins-scim.yaml', `${here.read('jenkins-scim.yaml')}database: sqlite:./copy.db\n`);
  const verified = await here.run('ledger', 'verify');
  assert.equal(verified.exit, 0, verified.err);
  const after = (await here.run('ledger', 'export')).out;
  const copied = records(before.out);
  assert.deepEqual(records(after).slice(0, copied.length), copied, 'what was copied is the beginning of it');
  const { kind, actor, body } = JSON.parse(records(after).slice(copied.length).join('\n'));
  const { from, ...told } = body;
  assert.deepEqual([kind, told], ['database.copied', { engine: 'sqlite', digest, tables, rows }]);
  assert.match(actor, /^operator:eve/);
  assert.ok(from.user.length > 0 && from.host.length > 0);
  assert.equal(from.file, `${here.folder}/jenkins-scim.yaml`);
});

test('a database is not copied without its keys, and nothing is made', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  await here.at(service.scim).user('ana@corp.test');
  await service.end('SIGTERM');
  renameSync(`${here.folder}/keys`, `${here.folder}/elsewhere`);
  const copy = await here.run('db', 'copy', `sqlite:${here.folder}/copy.db`);
  assert.equal(copy.exit, 1);
  assert.match(copy.err, /KEY_FILE/);
  assert.equal(existsSync(`${here.folder}/copy.db`), false);
  assert.equal(existsSync(`${here.folder}/keys`), false);
});

test('whoever takes a backup of everything is in the ledger, with the digest of the file; the backup itself says nothing of it', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  await here.at(service.scim).user('ana@corp.test');
  const file = `${here.folder}/copy.db`;
  const made = await here.run('--json', '--by', 'eve', 'db', 'backup', file);
  assert.equal(made.exit, 0, made.err);
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  assert.deepEqual(made.json(), { file, digest });
  const records = (await here.run('ledger', 'export')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { actor, body } = records.find(({ kind }) => kind === 'database.backed-up');
  assert.match(actor, /^operator:eve/);
  assert.deepEqual([body.file, body.digest, body.bytes], [file, digest, statSync(file).size]);
  assert.equal(body.from.file, `${here.folder}/jenkins-scim.yaml`);
  const verified = await here.run('ledger', 'verify');
  assert.equal(verified.exit, 0, verified.err);
  await service.end('SIGTERM');
});

test('recover refuses an export that was edited, says which record, and takes it by --unproven with a record', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const okta = here.at(service.scim);
  await okta.group('ci-pay-dev', [await okta.user('ana@corp.test')]);
  await eventually(() => here.holders('pay-developer').includes('ana@corp.test'));
  await service.end('SIGTERM');
  const lines = (await here.run('ledger', 'export')).out.trim().split('\n');
  const at = lines.findIndex((line) => JSON.parse(line).kind === 'grant.added');
  here.write('ledger.ndjson', lines.join('\n'));
  here.write(
    'edited.ndjson',
    lines.with(at, lines[at]!.replace(/"jenkinsId":"ana@corp\.test"/, '"jenkinsId":"mallory@corp.test"')).join('\n'),
  );
  here.write('cut.ndjson', lines.toSpliced(-2, 1).join('\n'));
  const verify = (name: string) => here.run('ledger', 'verify', '--export', `${here.folder}/${name}`);
  assert.match(
    (await verify('ledger.ndjson')).out,
    new RegExp(`^${lines.length - 1} record\\(s\\), unbroken and up to the end`),
  );
  execFileSync('mkfifo', [`${here.folder}/pipe`]);
  const zcat = spawn('sh', ['-c', 'cat ledger.ndjson > pipe'], { cwd: here.folder });
  assert.match((await verify('pipe')).out, new RegExp(`^${lines.length - 1} record`), 'what can be read once');
  zcat.kill();
  const missing = await verify('cut.ndjson');
  assert.equal(missing.exit, 1);
  assert.match(
    missing.err,
    new RegExp(`LED_EXPORT: Record ${lines.length - 1} .*records up to ${lines.length - 1} were there and are missing`),
  );
  for (const name of readdirSync(`${here.folder}/data`)) rmSync(`${here.folder}/data/${name}`);
  const refused = await here.run('recover', '--ledger', `${here.folder}/edited.ndjson`);
  assert.equal(refused.exit, 1);
  assert.match(
    refused.err,
    new RegExp(`LED_EXPORT: Record ${at + 1} of the export \\(line ${at + 1}\\).*personal values`),
  );
  assert.match(refused.err, /Remedy: .*--unproven/);
  const cut = await here.run('recover', '--ledger', `${here.folder}/cut.ndjson`);
  assert.match(cut.err, /LED_EXPORT: .*were there and are missing/);
  assert.doesNotMatch((await here.run('ledger', 'export')).out, /ownership\.recovered/);
  const taken = await here.run('recover', '--ledger', `${here.folder}/edited.ndjson`, '--unproven');
  assert.equal(taken.exit, 0, taken.err);
  assert.match(taken.out, /^Not proven: record \d+ .*\n1 entry\(ies\)/);
  const said = (await here.run('ledger', 'export')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { body } = said.find(({ kind }) => kind === 'ownership.recovered');
  assert.equal(body.unproven.seq, at + 1);
  const whole = await here.run('--json', 'recover', '--ledger', `${here.folder}/ledger.ndjson`);
  assert.deepEqual([whole.exit, whole.json()], [0, { entries: 1, roles: 0 }]);
});
