import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { fold } from '../../src/access/fold.ts';
import { openOn, openTestStore } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);

test('the server folds every letter as the service does', { skip: postgresMissing ?? false }, async (t) => {
  const store = await openTestStore(t);
  const letters: string[] = [];
  for (let point = 1; point < 0x30000; point++) {
    const letter = String.fromCodePoint(point);
    if (letter.isWellFormed() && fold(letter) !== letter) letters.push(letter, `a${letter}\u0301`);
  }
  assert.ok(letters.length > 10_000);
  const { rows } = await store.read((db) =>
    sql<{ letter: string; folded: string }>`SELECT letter, fold(letter) AS folded
      FROM unnest(${letters}::text[]) AS asked (letter)`.execute(db),
  );
  const different = rows.filter(({ letter, folded }) => fold(letter) !== folded);
  assert.deepEqual(
    different.map(({ letter }) => letter.codePointAt(0)!.toString(16)),
    [],
  );
});
