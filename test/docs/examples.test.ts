import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import type { Host } from '../../src/cli/invocation.ts';
import { program } from '../../src/cli/program.ts';
import { sources } from '../house/sources.ts';

const host = { terminal: { width: 80, out: () => {}, err: () => {} }, modules: { policy: {} } } as unknown as Host;
const root = await program([], host);
const EXAMPLE = /(?:^|[`$] ?|&& )(?:sudo -u \S+ )?(?:npx (?:--prefix \S+ )?)?jenkins-scim +([a-z][^`\n]*)/gm;

/** What is wrong with the words behind `jenkins-scim`, as the command line would find it; arguments are not looked at. */
function wrong(text: string): string | undefined {
  let command: Command = root;
  for (const word of text.split(/ {2}|[|>#;&(]| [–—]/)[0]!.split(' ')) {
    const flag = /^\[?(--[a-z-]+)/.exec(word)?.[1];
    if (flag !== undefined) {
      if (flag !== '--help' && ![...command.options, ...root.options].some(({ long }) => long === flag))
        return `no ${flag} in: ${text}`;
    } else if (/^[a-z-]+[.,:]?$/.test(word) && command.commands.length > 0) {
      const name = word.replace(/[.,:]$/, '');
      const next = command.commands.find((one) => one.name() === name);
      if (next === undefined) return `no ${name} in: ${text}`;
      command = next;
    }
  }
  return undefined;
}

const found = (glob: string): string[] =>
  sources(glob).flatMap(({ path, text }) =>
    [...text.matchAll(EXAMPLE)].flatMap(([, words]) => {
      const reason = wrong(words!);
      return reason === undefined ? [] : [`${path}: ${reason}`];
    }),
  );

test('every command in the pages is one that exists, with each of its options', () => {
  assert.deepEqual(found('{docs/**/*.md,*.md}'), []);
});

test('every command that a remedy, a line of the log or a help names is one that exists, with each of its options', () => {
  assert.deepEqual(found('src/**/*.ts'), []);
});

test('a command or an option that does not exist is found', () => {
  for (const right of ['token rotate start ID --out new', 'plan', 'ledger verify --export F', 'resume all'])
    assert.equal(wrong(right), undefined);
  for (const missing of ['tokens list', 'token rotat start', 'plan --now', 'leaver USER --relase-id'])
    assert.match(wrong(missing)!, /^no /);
});
