import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, type Source, sources } from '../house/sources.ts';

/** A message with the levels it is told at. */
type Messages = ReadonlyMap<string, ReadonlySet<string>>;

/** Where the message is not a text in the call, but one of two, or what somebody else gave. */
const INDIRECT = [
  'src/access/sparing.ts',
  'src/access/trouble.ts',
  'src/credentials/watch.ts',
  'src/directory/quotas/quotaWatch.ts',
  'src/server/readiness.ts',
  'src/sync/pass/traced.ts',
];

/** The two messages of a file, and the levels of each. */
const CHOSEN = [
  ['src/credentials/watch.ts', ['error'], ['warn', 'error']],
  ['src/directory/quotas/quotaWatch.ts', ['error'], ['warn']],
] as const;

const all = sources('src/**/*.ts');

function matches(pattern: RegExp, { text }: Source): string[][] {
  return [...text.matchAll(pattern)].map(([, ...found]) => found as string[]);
}

/** All messages of the log in the sources. */
function told(): Messages {
  const found = new Map<string, Set<string>>();
  const note = (message: string, level: string): void => {
    found.set(message, new Set([...(found.get(message) ?? []), level]));
  };
  for (const source of all) {
    for (const [level, message] of matches(/\blog\.(\w+)\(\s*'([^']+)'/g, source)) note(message!, level!);
    for (const [message] of matches(/\btellUnder\(\s*[^,:]+,\s*'([^']+)'/g, source)) note(message!, 'info');
    if (source.text.includes('new Trouble('))
      for (const [what, message] of matches(/\b(message|over)(?::| =) '([^']+)'/g, source))
        note(message!, what === 'over' ? 'info' : 'error');
    for (const [level, other, one, another] of matches(
      /\blog\[[^?\]]+\? '(\w+)' : '(\w+)'\]\(\w+ \? '([^']+)' : '([^']+)'/g,
      source,
    )) {
      note(one!, level!);
      note(another!, other!);
    }
  }
  for (const [path, ...levels] of CHOSEN) {
    const source = all.find((one) => one.path === path)!;
    const [messages] = matches(/const message = [^?]+\? '([^']+)' : '([^']+)';/g, source);
    for (const [at, message] of messages!.entries()) for (const level of levels[at]!) note(message, level);
  }
  return found;
}

/** The messages of the page. */
function documented(): Messages {
  const text = readFileSync(join(root, 'docs/logging.md'), 'utf8').split('## Messages')[1]!;
  const rows = [...text.matchAll(/^\| (`[^|]+`) +\| `([^`]+)` \|/gm)];
  assert.equal(new Set(rows.map(([, , message]) => message)).size, rows.length, 'no message has two rows');
  return new Map(
    rows.map(([, levels, message]) => [message!, new Set([...levels!.matchAll(/`(\w+)`/g)].map(([, one]) => one!))]),
  );
}

const sorted = (messages: Messages): string[] =>
  [...messages].map(([message, levels]) => `${message}: ${[...levels].sort().join(', ')}`).sort();

test('every message of the log has a row in its page with its levels, and every row is a message', () => {
  assert.deepEqual(sorted(documented()), sorted(told()));
});

test('messages are texts in the call that tells them, but for files that are known', () => {
  const indirect = all.filter(({ text }) => /\blog(\.(debug|info|warn|error)\(\s*[^\s']|\[)/.test(text));
  assert.deepEqual(indirect.map(({ path }) => path).sort(), INDIRECT);
});
