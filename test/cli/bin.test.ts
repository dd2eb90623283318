import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../house/sources.ts';
import { temporaryFolder } from '../store/open.ts';

const folder = temporaryFolder({ after });

function bin(...words: string[]) {
  return spawnSync(process.execPath, [join(root, 'bin/jenkins-scim.js'), ...words], { cwd: folder, encoding: 'utf8' });
}

const COMMANDS =
  'init serve plan apply quarantine adopt disown sync pause resume explain doctor token controller policy leaver ghosts older ledger db demo'.split(
    ' ',
  );

test('every command has help with an example', { concurrency: true }, async () => {
  for (const command of COMMANDS) {
    const ran = bin(command, '--help');
    assert.equal(ran.status, 0, command);
    assert.match(ran.stdout, /Example:\n {2}jenkins-scim /, command);
    assert.match(ran.stdout, /--config <file>/, command);
  }
});

test('no command is a usage error that shows the help', () => {
  const ran = bin();
  assert.equal(ran.status, 64);
  assert.equal(ran.stdout, '');
  assert.match(ran.stderr, /Commands:/);
});

test('the version is the one of the package', () => {
  assert.match(bin('--version').stdout, /^\d+\.\d+\.\d+\n$/);
});

test('a missing configuration is told with its remedy, and as one document', () => {
  const text = bin('plan');
  assert.equal(text.status, 1);
  assert.equal(
    text.stderr,
    'CFG_NOT_FOUND: There is no configuration at jenkins-scim.yaml\nRemedy: Run `jenkins-scim init`, or name a file with --config.\n',
  );
  const json = bin('plan', '--json');
  assert.equal(JSON.parse(json.stdout).error.code, 'CFG_NOT_FOUND');
});

test('it runs in the folder of the caller', () => {
  assert.equal(bin('init', '--no-check').status, 0);
  assert.match(bin('init', '--no-check').stderr, /jenkins-scim.yaml exists/);
});
