import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { nfkcFunction, normalizedBy, normalizing } from '../../src/store/postgres/nfkc.ts';
import type { Store } from '../../src/store/store.ts';
import { openOn, openTestStore } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
const skip = postgresMissing ?? false;

async function taught(
  t: Parameters<typeof openTestStore>[0],
): Promise<(texts: readonly string[]) => Promise<string[]>> {
  const store: Store = await openTestStore(t);
  await store.write(({ db }) => sql.raw(nfkcFunction()).execute(db));
  return (texts) =>
    store.read(async (db) => {
      const { rows } = await sql<{ folded: string }>`SELECT nfkc(given) AS folded
        FROM unnest(${texts}::text[]) WITH ORDINALITY AS asked (given, at) ORDER BY at`.execute(db);
      return rows.map(({ folded }) => folded);
    });
}

const interesting: string[] = [];
before(() => {
  for (let point = 1; point < 0x30000; point++) {
    const letter = String.fromCodePoint(point);
    if (!letter.isWellFormed() || (point >= 0xac00 && point <= 0xd7a3 && point % 61 > 0)) continue;
    const marked = `a\u0334${letter}\u0301`;
    if (letter.normalize('NFKC') !== letter || letter.normalize('NFD') !== letter) interesting.push(letter);
    if (marked.normalize('NFC') !== marked) interesting.push(marked);
  }
});

test('a server that cannot normalize is taught every letter and mark', { skip }, async (t) => {
  const nfkc = await taught(t);
  assert.ok(interesting.length > 6_000);
  const found = await nfkc(interesting);
  const different = interesting.filter((text, at) => found[at] !== text.normalize('NFKC'));
  assert.deepEqual(different.map(escape), []);
});

test('it normalizes any text as this process does', { skip }, async (t) => {
  const nfkc = await taught(t);
  const unit = fc.oneof(
    fc.constantFrom(
      ...'aeoﬁſẛ가각힣각',
      '\u0301',
      '\u0327',
      '\u0334',
      '\u0344',
      '\u0345',
      '\u093c',
      '\u11ba',
      '\u{1d15e}',
    ),
    fc.constantFrom(...interesting.map((text) => [...text][0]!)),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((text) => text !== '\0'),
  );
  const texts = fc.array(fc.string({ unit, maxLength: 24 }), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(texts, async (list) => {
      const expected = list.map((text) => text.normalize('NFKC'));
      assert.deepEqual(await nfkc(list), expected);
    }),
    { numRuns: 25 },
  );
});

test('a long row of marks takes no more than its length', { skip }, async (t) => {
  const nfkc = await taught(t);
  const marks = `a${'\u0301\u0327'.repeat(20_000)}`;
  assert.deepEqual(await nfkc([marks]), [marks.normalize('NFKC')]);
});

test('no statement of a migration asks an old server to normalize', () => {
  const own = MIGRATIONS.flatMap(({ postgres }) => postgres ?? []);
  assert.ok(own.some((statement) => statement.includes('normalize(')));
  for (const statement of own) {
    assert.equal(normalizedBy(statement, 130_000), statement);
    assert.doesNotMatch(normalizedBy(statement, 129_999), /normalize|NFKC/);
  }
  assert.equal(normalizing(130_000).length, 0);
  assert.equal(normalizing(120_022).length, 1);
});
