import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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
