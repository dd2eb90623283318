import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, sources } from '../house/sources.ts';

const page = readFileSync(join(root, 'docs/audit.md'), 'utf8');
const table = page.slice(page.indexOf('## All kinds of records'));
const documented = new Set(
  [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, kind]) => kind!),
  ),
);

/** Kinds of the journal, which is no evidence. */
const JOURNAL = /^(user|group)\./;

/** Kinds whose last word, or first, is put together where they are written. */
const COMPOSED = [
  ...['complete', 'again', 'came-back', 'cancelled'].map((word) => `leaver.${word}`),
  ...['completed', 'cancelled'].map((word) => `credential.rotation.${word}`),
];

const all = sources('src/**/*.ts');

test('every kind of record that the sources name is on the audit page', () => {
  const written = all.flatMap(({ text }) =>
    [...text.matchAll(/\bkind(?:: | = )(?:\w+ \? )?'([a-z-]+\.[a-z.-]+)'(?: : '([a-z-]+\.[a-z.-]+)')?/g)].flatMap(
      ([, one, other]) => [one!, ...(other === undefined ? [] : [other])],
    ),
  );
  const events = all.flatMap(({ text }) =>
    [
      ...text.matchAll(
        /(?:credentialEvent\(|recordBoundary\([^']*|KIND = |^ {2}(?:grant|revoke|'[a-z]+-role'): )'([a-z-]+\.[a-z.-]+)'/gm,
      ),
    ].map(([, kind]) => kind!),
  );
  const kinds = [...new Set([...written, ...events, ...COMPOSED])].filter((kind) => !JOURNAL.test(kind));
  assert.ok(kinds.length > 40, `${kinds.length}`);
  assert.deepEqual(
    kinds.filter((kind) => !documented.has(kind.replace(/\.failed$/, ''))),
    [],
  );
});

test('every kind of the audit page is written by the sources', () => {
  const texts = all.map(({ text }) => text).join('\n');
  assert.deepEqual(
    [...documented].filter((kind) => !COMPOSED.includes(kind) && !texts.includes(`'${kind}'`)),
    [],
  );
});
