import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { textRows } from '../../src/store/sql/lists.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';

const skip = postgresMissing ?? false;
const unit = fc.constantFrom('"', '\\', '{', '}', ',', ' ', '\0', '\ue000', '\n', "'", 'NULL', 'ß', '😀', '$1');
const texts = fc.array(fc.string({ unit, maxLength: 8 }), { maxLength: 8 });

test('postgres: lists and values come to the server as they are, however large', { skip }, async (t) => {
  const store = await openStore(await temporaryDatabase(t), { clock: systemClock, timers: systemTimers, log: SILENT });
  t.after(() => store.close());
  const back = (list: readonly string[], number: number) =>
    store.read(async (db) => {
      const { rows } = await sql<{ value: string }>`${textRows(list)}`.execute(db);
      const alone = await sql<{ text: string; number: number; none: null }>`SELECT ${list.join()}::text AS text,
        ${number}::bigint AS number, ${null}::text AS none`.execute(db);
      return { list: rows.map(({ value }) => value), alone: alone.rows };
    });
  await fc.assert(
    fc.asyncProperty(texts, fc.maxSafeInteger(), async (list, number) => {
      const expected = { list, alone: [{ text: list.join(), number, none: null }] };
      assert.deepEqual(await back(list, number), expected);
    }),
  );
  const large = Array.from({ length: 100_000 }, (_, n) => `😀 ${n}`);
  assert.deepEqual((await back(large, 1)).list, large);
  assert.deepEqual((await back(['small'], 2)).list, ['small']);
});
