import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './sources.ts';

interface Proof {
  readonly rule: string;
  readonly file: string;
  readonly name: string;
}

/** Rows of the table: `| rule | `file` name<br>`file` name |`. */
function proofs(text: string): Proof[] {
  return text.split('\n').flatMap((line) => {
    const [, rule, tests] = /^\| (.+?) +\| (`test\/.+?) +\|$/.exec(line) ?? [];
    if (rule === undefined || tests === undefined) return [];
    return tests.split('<br>').map((cell) => {
      const [, file, name] = /^`([^`]+)` (.+)$/.exec(cell) ?? [];
      if (file === undefined || name === undefined) throw new Error(`not a test: ${cell}`);
      return { rule, file, name };
    });
  });
}

const table = proofs(readFileSync(join(root, 'docs', 'semantics-tests.md'), 'utf8'));

test('every rule of semantics.md is a test named after it', () => {
  assert.ok(new Set(table.map(({ rule }) => rule)).size >= 100, 'rules were lost');
  const lost = table.filter(({ file, name }) => !names(file).has(name));
  assert.deepEqual(lost, []);
});

const known = new Map<string, ReadonlySet<string>>();

/** Names of the tests in a file, as they are written there. */
function names(file: string): ReadonlySet<string> {
  let found = known.get(file);
  if (found === undefined) {
    const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
    const calls = text.matchAll(/\btest\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g);
    found = new Set([...calls].map(([, single, double]) => (single ?? double ?? '').replace(/\\(['"])/g, '$1')));
    known.set(file, found);
  }
  return found;
}
