import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { Lines } from '../../src/cli/lines.ts';

const logging = new URL('../../src/cli/logging.ts', import.meta.url).href;

/** What a process that logs writes to stderr, by message. */
function messages(body: string): string[] {
  const code = `import { stderrLog } from ${JSON.stringify(logging)};
    import { writeSync } from 'node:fs';
    const log = stderrLog({}, 'info'); ${body}`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('{') || line.startsWith('mark'))
    .map((line) => (line.startsWith('{') ? JSON.parse(line).msg : line));
}

test('the lines of a turn are written together, in their order, and nothing twice', () => {
  const written: string[] = [];
  const turns: (() => void)[] = [];
  const lines = new Lines({ write: (text) => written.push(text) }, { nextTurn: (run) => turns.push(run) });
  lines.write('a\n');
  lines.write('b\n');
  assert.deepEqual([written, turns.length], [[], 1]);
  turns.shift()!();
  assert.deepEqual(written, ['a\nb\n']);
  lines.write('c\n');
  lines.flush();
  assert.deepEqual(written, ['a\nb\n', 'c\n']);
  turns.shift()!();
  lines.flush();
  assert.equal(written.length, 2);
});

test('what a terminal would obey or hide stands in the log as JSON escapes it, and means the same', () => {
  const written: string[] = [];
  const lines = new Lines({ write: (text) => written.push(text) }, { nextTurn: () => {} });
  const said = { path: '/\u009b2J\u007f\u202eadmin\u{e0041}\u2028', msg: 'é request 😀' };
  lines.write(`${JSON.stringify(said)}\n`);
  lines.flush();
  assert.match(
    written.join(''),
    /^\{"path":"\/\\u009b2J\\u007f\\u202eadmin\\udb40\\udc41\\u2028","msg":"é request 😀"\}\n$/,
  );
  assert.deepEqual(JSON.parse(written.join('')), said);
});

test('a turn that says much is not kept whole', () => {
  const written: string[] = [];
  const lines = new Lines({ write: (text) => written.push(text) }, { nextTurn: () => {} });
  for (let n = 0; n < 1_000; n++) lines.write('x'.repeat(1_000));
  assert.ok(written.length >= 15, String(written.length));
});

test('no line is lost when the process ends by itself, at once, or by an error', () => {
  const two = "log.info('one'); log.with({ a: 1 }).info('two');";
  assert.deepEqual(messages(two), ['one', 'two']);
  assert.deepEqual(messages(`${two} process.exit(0);`), ['one', 'two']);
  assert.deepEqual(messages(`${two} throw new Error('gone');`), ['one', 'two']);
});

test('a warning and an error are written at once, with what was said before', () => {
  const mark = "writeSync(2, 'mark\\n');";
  assert.deepEqual(messages(`log.info('one'); log.warn('two'); ${mark}`), ['one', 'two', 'mark']);
  assert.deepEqual(messages(`log.info('one'); log.error('two'); ${mark} log.info('three');`), [
    'one',
    'two',
    'mark',
    'three',
  ]);
  assert.deepEqual(messages(`log.info('one'); ${mark}`), ['mark', 'one']);
});

test('a log that cannot be written ends nobody, and is not kept without end', {
  skip: existsSync('/dev/full') ? false : 'there is no /dev/full here',
}, () => {
  const code = `import { stderrLog } from ${JSON.stringify(logging)};
    const log = stderrLog({}, 'info');
    for (let n = 0; n < 300; n++) log.warn('x'.repeat(10_000));
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 3_000; n++) log.error('x'.repeat(10_000));
    globalThis.gc();
    process.stdout.write(JSON.stringify({ more: process.memoryUsage().heapUsed - before }));`;
  const words = ['--expose-gc', '--input-type=module', '--eval', code];
  const full = openSync('/dev/full', 'w');
  try {
    const { stdout, status } = spawnSync(process.execPath, words, {
      stdio: ['ignore', 'pipe', full],
      encoding: 'utf8',
    });
    assert.equal(status, 0);
    assert.ok(JSON.parse(stdout).more < 3_000_000, stdout);
  } finally {
    closeSync(full);
  }
});

test('a result that cannot be written is an error that says so, whatever the command is', {
  skip: existsSync('/dev/full') ? false : 'there is no /dev/full here',
}, () => {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
  const full = openSync('/dev/full', 'w');
  try {
    for (const words of [
      ['policy', 'schema'],
      ['policy', 'schema', '--json'],
    ]) {
      const stdio: ['ignore', number, 'pipe'] = ['ignore', full, 'pipe'];
      const { stderr, status } = spawnSync(process.execPath, [main, ...words], { stdio, encoding: 'utf8' });
      assert.equal(status, 1);
      assert.match(stderr, /CLI_FILE: standard output cannot be used: the disk is full\nRemedy: /);
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
  } finally {
    closeSync(full);
  }
});
