import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Controller } from '../../src/access/ports/controller.ts';
import type { ControllerConfig } from '../../src/config/schema.ts';
import { refuse } from '../../src/errors.ts';
import { CAPABILITIES, CONTROLLER } from '../doctor/healthy.ts';
import { temporaryFolder } from '../store/open.ts';
import { run } from './fake.ts';

const folder = temporaryFolder({ after });
const config = join(folder, 'jenkins-scim.yaml');
const entry = (host: string): string =>
  `{ url: https://${host}/, user: jenkins-scim, apiToken: { env: T }, breakGlass: admin, protect: { users: [admin, jenkins-scim] } }`;
writeFileSync(config, `connections: { okta: {} }\ncontrollers:\n  good: ${entry('good')}\n  dead: ${entry('dead')}\n`, {
  mode: 0o600,
});
writeFileSync(join(folder, 'policy.yaml'), 'version: 1\n', { mode: 0o600 });

const good: Partial<Controller> = {
  whoAmI: async () => CONTROLLER.whoAmI!,
  probe: async () => ({ ...CAPABILITIES, jcasc: 'roles' }),
  observe: async () => CONTROLLER.observed!,
  people: async () => [],
  close: async () => {},
};

async function controller({ name }: ControllerConfig): Promise<Controller> {
  if (name === 'dead') throw refuse('JEN_UNREACHABLE', { controller: name, reason: 'refused' });
  return good as Controller;
}

test('one unreachable controller is 1, with the rest still printed', async () => {
  const ran = await run(['--config', config, 'doctor', '--json'], {}, {}, { controller });
  assert.equal(ran.exit, 1, ran.err);
  const codes = JSON.parse(ran.out).findings.map(
    (finding: { code: string; subject: string }) => `${finding.code} ${finding.subject}`,
  );
  assert.deepEqual(
    codes.filter((code: string) => !code.startsWith('file.')),
    [
      'controller.unreachable dead',
      'controller.jcasc-roles good',
      'credential.absent okta',
      'connection.never-heard okta',
    ],
  );
});

test('one controller can be examined alone', async () => {
  const ran = await run(['--config', config, 'doctor', '--controller', 'good'], {}, {}, { controller });
  assert.equal(ran.exit, 2);
  assert.match(
    ran.out,
    /ERROR controller\.jcasc-roles {2}good\n.*\n {2}Remedy: [\s\S]*?\n {2}See docs\/doctor\.md#controllerjcasc-roles/,
  );
  assert.ok(!ran.out.includes('dead'));
});

test('somebody else answering for us is found', async () => {
  const stranger = { ...good, whoAmI: async () => ({ name: 'proxy-user', anonymous: false, authorities: [] }) };
  const ran = await run(
    ['--config', config, 'doctor', '--controller', 'good', '--json'],
    {},
    {},
    { controller: async () => stranger as Controller },
  );
  assert.ok(ran.out.includes('controller.wrong-user'));
});

test('database or keys that cannot be used are a finding; the controllers are examined all the same', async () => {
  const engine = async (): Promise<never> => {
    throw refuse('KEY_FILE', { path: '/keys/keys.json', reason: 'it is missing' });
  };
  const ran = await run(['--config', config, 'doctor', '--json'], {}, {}, { controller, engine });
  assert.equal(ran.exit, 1, ran.err);
  const codes = JSON.parse(ran.out).findings.map((finding: { code: string }) => finding.code);
  assert.deepEqual(
    codes.filter((code: string) => !code.startsWith('file.')),
    ['storage.unusable', 'controller.unreachable', 'controller.jcasc-roles'],
  );
});
