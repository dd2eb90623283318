import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ancestors, exactPattern, folderPattern, javaQuote, patternMatches } from '../../src/policy/quote.ts';

/** Reads `\Q…\E` as Java does, outside of it literals and `\\`, and answers the one text that the pattern matches. */
function literalOf(pattern: string): string {
  let text = '';
  for (let at = 0; at < pattern.length; ) {
    if (pattern.startsWith('\\Q', at)) {
      const end = pattern.indexOf('\\E', at + 2);
      text += pattern.slice(at + 2, end === -1 ? undefined : end);
      at = end === -1 ? pattern.length : end + 2;
    } else if (pattern.startsWith('\\\\', at)) {
      text += '\\';
      at += 2;
    } else {
      assert.match(pattern[at]!, /[A-Za-z]/, `an unquoted ${pattern[at]} in ${pattern}`);
      text += pattern[at++];
    }
  }
  return text;
}

const hostile = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom('\\', 'E', 'Q', '\\E', '\\Q', '.*', '|', '$', '(', 'a', '/', '\n'), { maxLength: 10 })
    .map((list) => list.join('')),
);

test('quoting makes a text stand for itself in Java, whatever is in it', () => {
  fc.assert(
    fc.property(hostile, (text) => assert.equal(literalOf(javaQuote(text)), text)),
    { numRuns: 1000 },
  );
  assert.equal(javaQuote('a\\Eb'), '\\Qa\\E\\\\E\\Qb\\E');
});

test('folder: team-a is the folder and what is below; children: false is the folder alone', () => {
  assert.equal(folderPattern('team-a', true), '\\Qteam-a\\E($|/.*)');
  assert.equal(folderPattern('team-a', false), '\\Qteam-a\\E');
});

test('a folder pattern matches the folder, what is below, and no neighbour', () => {
  const pattern = folderPattern('team', true);
  for (const item of ['team', 'team/a', 'team/a/b']) assert.equal(patternMatches(pattern, item), true, item);
  for (const item of ['team2', 'team2/a', 'tea', 'x/team', 'Team', ''])
    assert.equal(patternMatches(pattern, item), false, item);
  assert.equal(patternMatches(folderPattern('team', false), 'team/a'), false);
  assert.equal(patternMatches('release-.*', 'release-1'), undefined);
  assert.equal(patternMatches('.*', 'x'), undefined);
});

test('a folder pattern matches exactly the quoted name, hostile ones included', () => {
  fc.assert(
    fc.property(hostile, hostile, (folder, item) => {
      assert.equal(patternMatches(javaQuote(folder), folder), true);
      assert.equal(patternMatches(javaQuote(folder), item), item === folder);
    }),
    { numRuns: 500 },
  );
});

test('the pattern of parents matches exactly the folders above', () => {
  assert.deepEqual(ancestors('a'), []);
  assert.deepEqual(ancestors('a/b/c'), ['a', 'a/b']);
  const pattern = exactPattern(ancestors('a/b/c'));
  assert.equal(pattern, '\\Qa\\E|\\Qa/b\\E');
  for (const item of ['a', 'a/b']) assert.equal(patternMatches(pattern, item), true);
  for (const item of ['a/b/c', 'a/x', 'a/b/', 'b']) assert.equal(patternMatches(pattern, item), false);
});
