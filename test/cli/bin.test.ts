import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
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

test('the package that the remedy for an old Node.js names is the one that is looked for', async () => {
  const { findRuntime, noRuntime } = await import(pathToFileURL(join(root, 'bin/runtime.js')).href);
  const name = /npm install (\S+)@\d+`/.exec(noRuntime(folder))?.[1];
  assert.ok(name !== undefined, noRuntime(folder));
  const place = join(folder, 'installed');
  const executable = join(place, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  mkdirSync(dirname(executable), { recursive: true });
  writeFileSync(executable, '');
  assert.equal(findRuntime(join(place, 'node_modules', 'jenkins-scim')), executable);
});

test('where the loader that the installed Node.js names is missing, as on Alpine Linux, that is said and not tried', async () => {
  const { findRuntime, noRuntime } = await import(pathToFileURL(join(root, 'bin/runtime.js')).href);
  const real = findRuntime(root);
  const place = join(folder, 'alpine');
  const executable = real.replace(root, place);
  mkdirSync(dirname(executable), { recursive: true });
  writeFileSync(executable, '\x7fELF\x02\0\0/lib64/ld-of-another-system.so.2\0');
  assert.equal(findRuntime(place), undefined);
  assert.match(noRuntime(place), /needs \/lib64\/ld-of-another-system\.so\.2 \(glibc\)/);
  assert.match(noRuntime(place), /Remedy: put Node\.js 26 first in PATH/);
});

test('it runs in the folder of the caller', () => {
  assert.equal(bin('init', '--no-check').status, 0);
  assert.match(bin('init', '--no-check').stderr, /jenkins-scim.yaml exists/);
});

/**
 * A process that waits for its end and then needs so many milliseconds, as `serve` does; `signals` come one after another, with
 * milliseconds between them. Its exit code and output.
 */
async function ended(
  drain: number,
  ...signals: readonly (NodeJS.Signals | number)[]
): Promise<readonly [number | null, string]> {
  const source = `
    import { stopped } from ${JSON.stringify(pathToFileURL(join(root, 'src/cli/signals.ts')).href)};
    import { systemTimers } from ${JSON.stringify(pathToFileURL(join(root, 'src/cli/edge.ts')).href)};
    const waiting = stopped(systemTimers);
    console.log('waits');
    const alive = setInterval(() => {}, 1000);
    console.log(await waiting);
    setTimeout(() => { console.log('drained'); clearInterval(alive); }, ${drain});
  `;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', source]);
  let out = '';
  let sent = false;
  child.stdout.on('data', async (chunk) => {
    out += String(chunk);
    if (sent || !out.includes('waits')) return;
    sent = true;
    for (const signal of signals)
      if (typeof signal === 'number') await setTimeout(signal);
      else child.kill(signal);
  });
  const [exit, by] = await once(child, 'close');
  return [exit, `${out.replace('waits\n', '').replaceAll('\n', ' ')}${by ?? ''}`];
}

test('a signal that comes twice at once, from a supervisor and through the launcher, is one end; a later one is the second', {
  skip: process.platform === 'win32',
}, async () => {
  const [twice, both, later, closed] = await Promise.all([
    ended(2_000, 'SIGTERM', 50, 'SIGTERM'),
    ended(2_000, 'SIGINT', 50, 'SIGTERM'),
    ended(60_000, 'SIGTERM', 1_500, 'SIGTERM'),
    ended(0, 'SIGHUP'),
  ]);
  assert.deepEqual(twice, [0, 'SIGTERM drained ']);
  assert.deepEqual(both, [0, 'SIGINT drained ']);
  assert.deepEqual(later, [null, 'SIGTERM SIGTERM']);
  assert.deepEqual(closed, [0, 'SIGHUP drained ']);
});
