import { type RawBuilder, sql } from 'kysely';
import type { HeldTexts } from '../prepared.ts';
import { spelled } from '../spelling.ts';

/** A list of texts, as values or as the places where they go (`prepared.ts`). */
type Texts = Iterable<string> | HeldTexts;

function held(texts: Texts): HeldTexts {
  if ('array' in texts) return texts;
  const list = [...texts];
  return { json: sql`${JSON.stringify(list)}`, array: sql`${list}` };
}

/** Texts as rows of one column `value`, one parameter whatever their number: to stand after `IN (` or `UNION`. */
export function textRows(texts: Texts): RawBuilder<string> {
  const { json, array } = held(texts);
  return spelled<string>(
    sql`SELECT value FROM json_each(${json})`,
    sql`SELECT value COLLATE "C" AS value FROM unnest(${array}::text[]) AS listed (value)`,
  );
}

/**
 * Whether a column is among the rows of a query of one column. PostgreSQL asks an index for an array, even inside OR, where it
 * would go through the table for `IN (SELECT …)`.
 */
export function among(column: RawBuilder<unknown>, query: RawBuilder<unknown>): RawBuilder<unknown> {
  return spelled(sql`${column} IN (${query})`, sql`${column} = ANY (ARRAY(${query}))`);
}

/**
 * Texts as `asked (value)` in a FROM, joined to what is written after it with ON. They are gone through in turn, so that the
 * joined table is asked by its key.
 */
export function eachJoined(texts: Texts): RawBuilder<unknown> {
  const { json, array } = held(texts);
  return spelled(
    sql`json_each(${json}) AS asked CROSS JOIN`,
    sql`(SELECT value COLLATE "C" AS value FROM unnest(${array}::text[]) AS listed (value)) AS asked JOIN`,
  );
}

/** Joins the table after it to each row before it in turn, by its own index; to be followed by ON. */
export const inTurn: RawBuilder<unknown> = spelled(sql`CROSS JOIN`, sql`JOIN`);

/** The elements of a JSON list of texts, to stand in a FROM and be named there: `value`, and `key` counting from 0. */
export function listed(json: RawBuilder<unknown>): RawBuilder<unknown> {
  return spelled(
    sql`json_each(${json})`,
    sql`(SELECT value COLLATE "C" AS value, key - 1 AS key
      FROM json_array_elements_text(${json}::json) WITH ORDINALITY AS element (value, key))`,
  );
}

/** What stands in a text with commas between, numbers as `string_agg` writes them, likewise: `value`. */
export function apart(text: RawBuilder<unknown>): RawBuilder<unknown> {
  return spelled(
    sql`json_each('[' || ${text} || ']')`,
    sql`LATERAL (SELECT value FROM unnest(string_to_array(${text}, ',')) AS element (value))`,
  );
}

type Cell = string | number | null;

/** Rows with columns of the given types, one parameter a column at most, as a subquery to stand in a FROM and be named there. */
export function rowsOf(columns: Readonly<Record<string, 'text' | 'number'>>, rows: readonly (readonly Cell[])[]) {
  const names = Object.keys(columns);
  const picked = names.map((name, at) => {
    const cell = sql`value ->> ${sql.lit(at)}`;
    return columns[name] === 'number'
      ? sql`CAST(${cell} AS INTEGER) AS ${sql.id(name)}`
      : sql`${cell} AS ${sql.id(name)}`;
  });
  const arrays = names.map((name, at) => {
    const cells = rows.map((row) => row[at] ?? null);
    return columns[name] === 'number' ? sql`${cells}::bigint[]` : sql`${cells}::text[]`;
  });
  const typed = names.map((name) =>
    columns[name] === 'number' ? sql.id(name) : sql`${sql.id(name)} COLLATE "C" AS ${sql.id(name)}`,
  );
  return spelled(
    sql`(SELECT ${sql.join(picked)} FROM json_each(${JSON.stringify(rows)}))`,
    sql`(SELECT ${sql.join(typed)} FROM unnest(${sql.join(arrays)}) AS listed (${sql.join(names.map((name) => sql.id(name)))}))`,
  );
}
