import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Host } from '../../src/cli/invocation.ts';
import { COMMANDS, program } from '../../src/cli/program.ts';
import { run } from './fake.ts';

const host = { terminal: { width: 80, out() {}, err() {} }, modules: { policy: {} } } as unknown as Host;
const namesFor = async (...words: string[]): Promise<string[]> =>
  (await program(words, host)).commands.map((command) => command.name());

test('every command is there under its own name, and comes without the others', async () => {
  const all = await namesFor();
  assert.deepEqual(all.toSorted(), COMMANDS.flatMap(({ names }) => names).toSorted());
  for (const name of all) {
    const loaded = await namesFor(name, '--json');
    assert.ok(loaded.includes(name) && loaded.length <= 2, `${name}: ${loaded.join(', ')}`);
  }
});

test('words that only look like another command hide none', async () => {
  assert.deepEqual(await namesFor('resume', 'controller', 'plan'), ['plan', 'pause', 'resume', 'controller']);
  const { err, exit } = await run(['sevre']);
  assert.equal(exit, 64);
  assert.match(err, /serve/);
});
