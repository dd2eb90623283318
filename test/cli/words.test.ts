import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import type { Host } from '../../src/cli/invocation.ts';
import { COMMANDS, program } from '../../src/cli/program.ts';
import { fullName } from '../../src/cli/words.ts';
import { unknownConnection, unknownController } from '../../src/config/unknown.ts';
import { run } from './fake.ts';

const host = { terminal: { width: 80, out() {}, err() {} }, modules: { policy: {} } } as unknown as Host;
const root = await program([], host);
const LATER = 'not in this version';

/** A command and all below it, with the words that call it. */
function tree(command: Command, words: readonly string[] = []): readonly (readonly [Command, readonly string[]])[] {
  const below = command.commands.filter((sub) => sub.name() !== 'help' && sub.description() !== LATER);
  return [[command, words] as const, ...below.flatMap((sub) => tree(sub, [...words, sub.name()]))];
}

const ALL = tree(root);
const GROUPS = ALL.filter(([command]) => command.commands.length > 0);
const LEAVES = ALL.filter(([command]) => command.commands.length === 0);

/** The word with a letter missing in its middle; with two the other way about where it is short. */
function misspelled(word: string): string {
  const middle = Math.floor(word.length / 2);
  return word.slice(0, middle) + word.slice(middle + 1);
}

const namesFor = async (...words: string[]): Promise<string[]> => names(await program(words, host));

interface Told {
  readonly message: string;
  readonly remedy: string;
}

/** What a wrong command line is told, which is the same with --json and without, and exits with 64. */
async function told(words: readonly string[]): Promise<Told> {
  const text = await run([...words]);
  const json = await run([...words, '--json']);
  assert.deepEqual([text.exit, json.exit, text.out], [64, 64, ''], words.join(' '));
  const { error } = JSON.parse(json.out);
  assert.equal(error.code, 'CLI_USAGE', words.join(' '));
  assert.doesNotMatch(error.remedy, /^See --help\.$|undefined|\{/, words.join(' '));
  if (!/Usage: jenkins-scim[\s\S]*Commands:/.test(text.err))
    assert.equal(text.err, `CLI_USAGE: ${error.message}\nRemedy: ${error.remedy}\n`);
  return error;
}

const names = (command: Command): string[] =>
  command.commands.map((sub) => sub.name()).filter((name) => name !== 'help');

test('the tree has every command', () => {
  assert.deepEqual(names(root).toSorted(), COMMANDS.flatMap((command) => command.names).toSorted());
  assert.ok(GROUPS.length >= 9 && LEAVES.length >= 40, `${GROUPS.length} groups, ${LEAVES.length} commands`);
});

for (const [group, words] of GROUPS)
  test(`${fullName(group)}: a misspelled command is named, with the nearest and all that there are`, async () => {
    for (const name of names(group)) {
      const wrong = misspelled(name);
      const { message, remedy } = await told([...words, wrong]);
      assert.ok(message.startsWith(`unknown command '${wrong}'`), message);
      assert.match(message, /; did you mean (one of )?\w/, `${wrong}: ${message}`);
      assert.ok(message.includes(name), `${wrong}: ${message}`);
      for (const known of names(group)) assert.match(remedy, new RegExp(`\\b${known}\\b`));
      assert.ok(remedy.endsWith(`See ${fullName(group)} --help.`), remedy);
    }
    const far = await told([...words, 'xylophone']);
    assert.equal(far.message, "unknown command 'xylophone'");
  });

test('what is not alike is not suggested: `policy check` is no `schema`', async () => {
  const { message, remedy } = await told(['policy', 'check']);
  assert.equal(message, "unknown command 'check'");
  assert.match(remedy, /\blint\b/);
});

for (const [group, words] of GROUPS)
  test(`${fullName(group)}: without a command it says which there are`, async () => {
    const { message, remedy } = await told(words);
    assert.equal(message, `${fullName(group)} needs one of its commands`);
    for (const known of names(group)) assert.match(remedy, new RegExp(`\\b${known}\\b`));
  });

for (const [command, words] of LEAVES)
  test(`${fullName(command)}: a misspelled option, one without its value, a word too few and one too many`, async () => {
    const needed = command.options.filter(({ mandatory }) => mandatory);
    const given = needed.flatMap(({ long }) => [long!, 'x']);
    const known = command.options.map(({ long }) => long!);
    for (const option of [...known, '--config', '--json']) {
      const wrong = `--${misspelled(option.slice(2))}`;
      if (known.includes(wrong)) continue;
      const { message, remedy } = await told([...words, ...given, wrong]);
      assert.ok(message.startsWith(`unknown option '${wrong}'`), message);
      assert.ok(message.includes(option), `${wrong}: ${message}`);
      for (const each of [...known, '--config', '--json']) assert.ok(remedy.includes(each), `${each}: ${remedy}`);
      assert.ok(remedy.endsWith(`See ${fullName(command)} --help.`), remedy);
    }
    for (const { long, flags, required } of command.options)
      if (required) {
        const { exit, err } = await run([...words, long!]);
        assert.equal(exit, 64);
        assert.ok(
          err.includes(`option '${flags}' argument missing`) && err.includes(`Options of ${fullName(command)}`),
        );
      }
    if (needed.length > 0) {
      const { message, remedy } = await told(words);
      assert.equal(message, `required option '${needed[0]!.flags}' not specified`);
      assert.ok(remedy.startsWith(`Options of ${fullName(command)}: `), remedy);
    }
    const wanted = command.registeredArguments.filter((argument) => argument.required);
    if (wanted.length > 0) {
      const { message, remedy } = await told([...words, ...given]);
      assert.equal(message, `missing required argument '${wanted[0]!.name()}'`);
      assert.ok(remedy.startsWith(`Usage: ${fullName(command)} `) && remedy.includes(`<${wanted[0]!.name()}>`), remedy);
    }
    if (command.registeredArguments.some((argument) => argument.variadic)) return;
    const many = [...command.registeredArguments.map(() => 'all'), 'superfluous'];
    const { message, remedy } = await told([...words, ...given, ...many]);
    assert.match(message, /too many arguments.*superfluous/);
    assert.ok(remedy.startsWith(`Usage: ${fullName(command)} `), remedy);
  });

test('another command behind a misspelled one does not hide the one that was meant', async () => {
  for (const words of [
    ['plam', 'controller'],
    ['--json', 'plam', 'controller'],
    ['--config', 'plan', 'plam'],
    ['--by', 'plan', 'plam'],
    ['--config', 'serve', 'plam', 'serve'],
  ]) {
    const { exit, err } = await run(words);
    assert.equal(exit, 64);
    assert.match(err, /unknown command 'plam'; did you mean plan\?/, words.join(' '));
  }
  assert.match((await told(['help', 'tokn'])).message, /unknown command 'tokn'; did you mean token\?/);
});

test('options before the command that take a word are those whose word names no command', async () => {
  const taking = root.options.filter(({ required }) => required).map(({ long }) => long!);
  assert.ok(taking.length >= 2);
  for (const option of taking) assert.deepEqual(await namesFor(option, 'serve', 'plan'), ['serve', 'plan'], option);
  for (const option of taking) assert.ok((await namesFor(option, 'serve', 'plam')).length > 10, option);
});

test('a command called with the wrong values says how it is used', async () => {
  const { err } = await run(['clock', 'accept']);
  assert.match(err, /Remedy: Usage: jenkins-scim clock accept \[options\]\. See jenkins-scim clock accept --help\./);
});

test('names of controllers and connections: the nearest one, and all', () => {
  const controller = unknownController('ci-mian', ['ci-main', 'build']);
  assert.equal(controller.message, 'There is no controller called ci-mian; did you mean ci-main?');
  assert.equal(controller.remedy, 'Known: ci-main, build.');
  assert.equal(unknownController('x', []).message, 'There is no controller called x');
  assert.equal(unknownController('x', []).remedy, 'Known: none.');
  const connection = unknownConnection('octa', ['okta', 'entra']);
  assert.equal(connection.message, 'there is no connection called octa; did you mean okta?');
  assert.deepEqual(connection.details.remedy, 'Known: okta, entra.');
});
