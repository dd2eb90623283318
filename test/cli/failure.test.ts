import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { describe, exitOf } from '../../src/cli/failure.ts';
import { columnsOf } from '../../src/cli/terminal.ts';
import { refuse } from '../../src/errors.ts';

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  assert.fail('nothing was thrown');
}

test('what the file system refuses is an error with a remedy, never a bug', () => {
  const absent = describe(
    thrown(() => readFileSync('/nowhere/at\u001ball')),
    false,
  );
  assert.equal(absent.json.error.code, 'CLI_FILE');
  assert.match(absent.text, /CLI_FILE: \/nowhere\/at\\u001ball cannot be used: it does not exist\nRemedy: /);
});

test('a port in use names the address', async (t) => {
  const first = createServer().listen(0, '127.0.0.1');
  t.after(() => first.close());
  await new Promise((resolve) => first.once('listening', resolve));
  const { port } = first.address() as { port: number };
  const error = await new Promise((resolve) => createServer().listen(port, '127.0.0.1').once('error', resolve));
  const { json } = describe(error, false);
  assert.equal(json.error.code, 'CLI_NETWORK');
  assert.match(json.error.message, new RegExp(`127\\.0\\.0\\.1:${port}.*in use`));
  assert.equal(exitOf(error), 1);
});

test('a name to listen at that nobody knows is a refusal, not a bug', async () => {
  const error = await new Promise((resolve) => createServer().listen(0, 'nowhere.invalid').once('error', resolve));
  const { json } = describe(error, false);
  assert.equal(json.error.code, 'CLI_NETWORK');
  assert.match(json.error.message, /^nowhere\.invalid cannot be used: /);
});

test('any other error is a bug, and shows its stack only when asked', () => {
  const error = new TypeError('x is undefined');
  assert.equal(describe(error, false).json.error.message, 'x is undefined');
  assert.match(describe(error, true).json.error.message, /failure\.test\.ts/);
});

test('a message that quotes a huge argument is cut', () => {
  const { text } = describe(refuse('USER_UNKNOWN', { user: 'x'.repeat(100_000) }), false);
  assert.ok(text.length < 2_500);
  assert.match(text, /x… \(\d+ characters\)\nRemedy: /);
});

test('a terminal that says 0 columns has 80', () => {
  assert.deepEqual([undefined, 0, 7, 132].map(columnsOf), [80, 80, 80, 132]);
});
