import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Level } from '../../src/access/finding.ts';
import type { Controller } from '../../src/access/ports/controller.ts';
import type { Modules } from '../../src/cli/modules.ts';
import type { ControllerConfig } from '../../src/config/schema.ts';
import { refuse } from '../../src/errors.ts';
import { CAPABILITIES, CONTROLLER } from '../doctor/healthy.ts';
import { temporaryFolder } from '../store/open.ts';
import { fakeEngine, run } from './fake.ts';

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

test('the doctor looks as every command does, where nothing can be written, too: it is somebody who orders it', async () => {
  const orderedBy: (string | undefined)[] = [];
  const engine: Modules['engine'] = async (_config, _log, options) => {
    orderedBy.push(options?.operator);
    return fakeEngine([]);
  };
  await run(['--config', config, 'doctor', '--controller', 'good'], {}, {}, { controller, engine });
  assert.deepEqual(orderedBy, ['operator:ana', 'operator:ana']);
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

const finding = (code: string, level: Level, subject: string) => ({
  code,
  level,
  subject,
  finding: `${subject} it is.`,
  remedy: 'r',
  docs: 'd',
});

test('what a plan finds about roles and rules is told, once, and what it finds about people is not', async () => {
  const blocked = finding('policy.permission-unknown', 'error', 'good: developer');
  const plan = async () => ({
    document: {
      digest: 'd',
      controllers: [
        {
          name: 'good',
          steps: [],
          quarantined: [],
          unread: false,
          findings: [
            blocked,
            blocked,
            finding('role.not-ours', 'warning', 'item role qa'),
            finding('role.protected', 'info', 'item role qb'),
            finding('identity.absent', 'warning', 'ana'),
          ],
        },
      ],
    },
    text: () => '',
  });
  const ran = await run(['--config', config, 'doctor', '--controller', 'good', '--json'], { plan }, {}, { controller });
  assert.equal(ran.exit, 2, ran.err);
  const told = JSON.parse(ran.out).findings.map(({ code, subject }: Record<string, string>) => `${code} ${subject}`);
  assert.deepEqual(
    told.filter((text: string) => /^(policy|role|identity)\./.test(text)),
    ['policy.permission-unknown good: developer', 'role.not-ours good: item role qa'],
  );
});

test('of a controller that is examined alone nothing is told that the database knows of another', async () => {
  const probes = async () => ({
    ...{ tokens: [], connections: [], groups: [], issuers: [] },
    leavers: ['good', 'dead'].map((name) => ({ user: 'ana', controller: name, since: 0, held: true })),
    held: ['good', 'dead'].map((name) => ({ controller: name, steps: 1, until: 'release' as const })),
    paused: ['good', 'dead'].map((name) => ({ kind: 'controller' as const, name, onHold: false })),
    older: ['good', 'dead'].map((name) => ({ controller: name, found: 1, takenOver: 0, unasked: 0 })),
    neverAsked: ['good', 'dead'].map((name) => ({ controller: name, ids: 1 })),
    seen: ['good', 'dead'].map((name) => ({ controller: name, otherServiceAt: '2026-11-28T12:00:00.000Z' })),
    uses: ['good', 'dead'].map((name) => ({ controller: name, account: 'jenkins-scim', counted: false })),
  });
  const ran = await run(['--config', config, 'doctor', '--controller', 'good'], { probes }, {}, { controller });
  assert.ok(ran.out.includes('plan.held'));
  assert.ok(!ran.out.includes('dead'), ran.out);
});
