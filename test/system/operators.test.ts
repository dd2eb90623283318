import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { installation } from './installation.ts';

interface Told {
  readonly kind: string;
  readonly actor: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly subject: { readonly id: string } | null;
}

test('what somebody does by a command bears their name in the ledger, with and without a running service', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  const account = userInfo().username;
  const records = async (kind: string): Promise<readonly Told[]> => {
    const { records: all } = (await here.run('--json', 'ledger', 'export')).json<{ records: Told[] }>();
    return all.filter((record) => record.kind === kind);
  };
  const actors = async (kind: string): Promise<unknown> => (await records(kind)).map(({ actor }) => actor);
  assert.deepEqual(await actors('credential.created'), [`operator:${account}`]);

  const service = await here.serve();
  const okta = here.at(service.scim);
  const id = await okta.user('ana@corp.test');
  await okta.group('ci-users', [id]);
  const applied = await here.run('--by', 'ana', 'apply');
  assert.equal(applied.exit, 0, applied.err);
  assert.deepEqual(here.holders('browser'), ['ana@corp.test']);
  const given = (await records('grant.added')).map(({ actor }) => actor);
  assert.deepEqual([...new Set(given)], [`operator:ana (${account})`], 'the service did it, ana ordered it');
  await here.runWith({ SUDO_USER: 'bo' }, 'pause', 'all');
  assert.deepEqual(await actors('sync.paused'), ['operator:bo']);
  assert.deepEqual(await actors('policy.activated'), ['sync']);
  await service.end('SIGTERM');

  assert.equal((await here.run('--by', 'cy', 'resume', 'all')).exit, 0);
  assert.deepEqual(await actors('sync.resumed'), [`operator:cy (${account})`]);
  here.write('jenkins-scim.yaml', `${here.read('jenkins-scim.yaml')}\nguard: { gains: { grantsPerPerson: 3 } }\n`);
  assert.equal((await here.run('--by', 'di', 'sync')).exit, 0);
  const edits = (await records('configuration.changed')).filter(({ body }) => body.previous !== null);
  assert.deepEqual(
    edits.map(({ actor, subject, body }) => [actor, subject?.id, body.settings]),
    [[`operator:di (${account})`, 'guard', [{ setting: 'gains.grantsPerPerson', before: 25, after: 3 }]]],
  );
  assert.equal((edits[0]!.body.from as { user: string }).user, account);
  const left = await here.run('--by', 'flo', '--json', 'leaver', 'ana@corp.test', '--now');
  assert.equal(left.json<{ declared: { by: string } }>().declared.by, `operator:flo (${account})`);
  assert.match((await here.run('leaver', 'ana@corp.test')).out, /declared by operator:flo \(.*\) at 20/);
  const lifted = await here.run('--json', 'leaver', 'ana@corp.test', '--lift');
  assert.equal(lifted.json<{ declared?: unknown }>().declared, undefined);
  const token = here.token.id;
  assert.equal((await here.run('--by', 'ed', 'token', 'revoke', token)).exit, 0);
  assert.deepEqual(await actors('credential.revoked'), [`operator:ed (${account})`]);
  assert.equal((await here.run('ledger', 'verify')).exit, 0);

  const refused = await here.run('--by', 'ed (root)', 'pause', 'all');
  assert.equal(refused.exit, 64);
  assert.match(refused.err, /--by takes a name/);
});
