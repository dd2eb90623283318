import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkConfig, loadConfig, parseConfig } from '../../src/config/load.ts';
import { resolveSecret } from '../../src/config/resolve.ts';
import type { ScimError } from '../../src/errors.ts';
import { temporaryFolder } from '../store/open.ts';

const folder = temporaryFolder({ after });

function file(name: string, text: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('a configuration that is not there is told so', () => {
  assert.throws(() => loadConfig(join(folder, 'none.yaml'), {}), { code: 'CFG_NOT_FOUND' });
  assert.throws(() => loadConfig(folder, {}), { code: 'CLI_FILE', message: /cannot be used: it is a folder$/ });
});

test('a configuration that others can write is refused', () => {
  assert.equal(checkConfig(file('open.yaml', '', 0o646), {}).problems[0]?.code, 'CFG_FILE_MODE');
  assert.deepEqual(checkConfig(file('shut.yaml', '', 0o644), {}).problems, []);
});

test('what others can write is taken from them, and not from those who may read it', () => {
  const remedyOf = (look: () => unknown): string => {
    try {
      look();
    } catch (error) {
      return (error as ScimError).remedy;
    }
    return '';
  };
  const [rules, secret] = [file('rules.yaml', '', 0o646), file('secret', 'abc', 0o604)];
  assert.equal(checkConfig(rules, {}).problems[0]?.remedy, `chmod go-w ${rules}`);
  assert.equal(
    remedyOf(() => resolveSecret({ file: secret }, {})),
    `chmod 600 ${secret}`,
  );
});

test('a secret is read where its reference points', () => {
  assert.equal(resolveSecret({ env: 'T' }, { T: 'abc' }), 'abc');
  assert.equal(resolveSecret({ file: file('token', 'abc\n', 0o600) }, {}), 'abc');
  assert.equal(resolveSecret({ file: file('notepad', '\ufeffabc\r\n', 0o600) }, {}), 'abc', 'with a byte order mark');
});

test('a secret that is absent, empty or open is refused by its reference', () => {
  assert.throws(() => resolveSecret({ env: 'T' }, {}), {
    code: 'CFG_SECRET',
    message: /env:T cannot be read: the variable is not set/,
  });
  assert.throws(() => resolveSecret({ env: 'T' }, { T: ' ' }), { code: 'CFG_SECRET' });
  assert.throws(() => resolveSecret({ file: join(folder, 'nope') }, {}), {
    code: 'CFG_SECRET',
    message: /it does not exist/,
  });
  assert.throws(() => resolveSecret({ file: file('wide', 'abc', 0o604) }, {}), { code: 'CFG_FILE_MODE' });
});

test('a secret that cannot be read is told with the line, or the variable, that points to it', () => {
  const text =
    'connections: { okta: {} }\ncontrollers:\n  ci:\n    url: https://ci/\n    user: u\n    apiToken: { env: T }\n';
  const secretOf = (environment: Record<string, string>): (() => string) => {
    const { config } = parseConfig(text, { file: 'jenkins-scim.yaml', folder: '/etc/scim', environment });
    return () => resolveSecret(config!.controllers[0]!.apiToken, environment);
  };
  assert.equal(secretOf({ T: 't' })(), 't');
  assert.throws(secretOf({}), { message: /^The secret env:T \(jenkins-scim\.yaml:6\) cannot be read: .* not set$/ });
  const variable = 'JENKINS_SCIM__CONTROLLERS__CI__API_TOKEN__ENV';
  assert.throws(secretOf({ [variable]: 'U' }), { message: new RegExp(`env:U \\(environment variable ${variable}\\)`) });
});
