import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { modules } from '../../src/cli/compose.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { readPolicy } from '../../src/policy/read.ts';
import { temporaryFolder } from '../store/open.ts';
import { run } from './fake.ts';

const CONFIG = `connections: { okta: {}, entra: {} }
controllers:
  ci: { url: https://ci/, user: u, apiToken: { env: T }, labels: { env: prod } }
`;
const POLICY = `version: 1
roles:
  browser: { scope: global, preset: browse }
rules:
  - { id: everyone, group: ci-users, grant: browser }
  - { id: guests, from: entra, group: ci-guests, grant: browser }
  - { id: gone, user: ana@corp.test, grant: browser, until: 2020-01-01, from: okta }
  - { id: nowhere, group: x, from: okta, grant: browser, controllers: { env: test } }
  - { id: strange, group: y, from: google, grant: browser }
`;

function set(t: import('node:test').TestContext, config = true) {
  const folder = temporaryFolder(t);
  const path = (name: string): string => join(folder, name);
  if (config) writeFileSync(path('jenkins-scim.yaml'), CONFIG, { mode: 0o600 });
  writeFileSync(path('policy.yaml'), POLICY, { mode: 0o600 });
  const at = (...words: string[]) =>
    run(['--config', path('jenkins-scim.yaml'), '--json', 'policy', ...words], {}, {}, { policy: modules.policy });
  return { path, at };
}

const codes = (out: string): string[] =>
  (JSON.parse(out) as { findings: { code: string; subject: string }[] }).findings.map(
    ({ code, subject }) => `${code} ${subject}`,
  );

test('policy lint looks at the connections and controllers of the configuration, and at the time', async (t) => {
  const { at } = set(t);
  const { out, exit } = await at('lint');
  assert.equal(exit, 2);
  assert.deepEqual(codes(out), [
    'policy.from rules.everyone',
    'policy.past rules.gone',
    'policy.no-controller rules.nowhere',
    'policy.unknown-connection rules.strange',
  ]);
});

test('policy lint tells the digest that `policy.activated` has in the ledger, of a policy that can be used', async (t) => {
  const { at, path } = set(t, false);
  const digest = async () => (JSON.parse((await at('lint', path('policy.yaml'))).out) as { digest: unknown }).digest;
  const [file] = readPolicy(path('policy.yaml'));
  assert.equal(await digest(), parsePolicy([file!]).policy?.digest);
  writeFileSync(path('policy.yaml'), 'version: 2\n');
  assert.equal(await digest(), null);
});

test('policy lint FILE without a configuration looks at the file alone', async (t) => {
  const { at, path } = set(t, false);
  const { out } = await at('lint', path('policy.yaml'));
  assert.deepEqual(codes(out), ['policy.past rules.gone']);
});

test('policy preview reads the primary connection, or the one named', async (t) => {
  const { at } = set(t);
  const rules = async (...words: string[]) => {
    const { out } = await at('preview', '--user', 'bo', '--group', 'ci-users', 'ci-guests', ...words);
    const { controllers } = JSON.parse(out) as { controllers: { grants: { reasons: { rule: string }[] }[] }[] };
    return controllers.flatMap(({ grants }) => grants.flatMap(({ reasons }) => reasons.map(({ rule }) => rule)));
  };
  assert.deepEqual(await rules(), ['everyone']);
  assert.deepEqual(await rules('--connection', 'entra'), ['guests']);
});

test('policy preview says what somebody would get, and nothing of an id or of what is effective', async (t) => {
  const { path } = set(t);
  const shown = await run(
    ['--config', path('jenkins-scim.yaml'), 'policy', 'preview', '--user', 'bo', '--group', 'ci-users'],
    {},
    {},
    { policy: modules.policy },
  );
  assert.match(shown.out, /^bo\n {2}ci\n {4}browser \(global\)\n {6}gives Overall\/Read, View\/Read\n/);
  assert.doesNotMatch(shown.out, /effective|Jenkins id/);
});

test('policy preview refuses names that the configuration does not have, and judges until by the clock', async (t) => {
  const { at } = set(t);
  const wrong = await at('preview', '--user', 'bo', '--controller', 'cj');
  assert.equal(wrong.exit, 1);
  assert.match(wrong.out, /CTL_UNKNOWN.*\n.*cj.*\n.*Known: ci/);
  assert.equal((await at('preview', '--user', 'bo', '--connection', 'okto')).exit, 64);
  assert.doesNotMatch((await at('preview', '--user', 'ana@corp.test')).out, /"rule": "gone",\n\s+"file"/);
});
