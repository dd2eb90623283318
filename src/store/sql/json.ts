import { type RawBuilder, sql } from 'kysely';
import { spelled } from '../spelling.ts';

type Expression = RawBuilder<unknown>;
/** What a comparison can be about. */
export type Scalar = 'text' | 'number' | 'boolean';

/** A column of JSON text, ready to be looked into by the functions of this file. */
export function parsed(column: Expression): Expression {
  return spelled(column, sql`document(${column})`);
}

/**
 * The text, number or boolean (1, 0) at a path; NULL where there is nothing of that type. Numbers are doubles, as everywhere else in
 * JSON: SQLite would take the digits of a large one for a whole number that is another one, and that no driver hands over.
 */
export function jsonScalar(json: Expression, at: string, type: Scalar): Expression {
  const value = inPostgres(json, at);
  switch (type) {
    case 'boolean':
      return spelled(
        sql`(CASE json_type(${json}, ${at}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)`,
        sql`(CASE ${value}::text WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)`,
      );
    case 'number':
      return spelled(
        sql`(CASE WHEN json_type(${json}, ${at}) IN ('integer', 'real') THEN CAST(json_extract(${json}, ${at}) AS REAL) END)`,
        sql`(CASE jsonb_typeof(${value}) WHEN 'number' THEN ${value}::float8 END)`,
      );
    case 'text':
      return spelled(
        sql`(CASE json_type(${json}, ${at}) WHEN 'text' THEN json_extract(${json}, ${at}) END)`,
        sql`((CASE jsonb_typeof(${value}) WHEN 'string' THEN ${value} #>> '{}' END) COLLATE "C")`,
      );
  }
}

/** The text of a member of the object that a column holds as JSON text, in the words of an index over it. */
export function memberText(column: string, name: string): RawBuilder<string> {
  const held = sql.ref(column);
  return spelled<string>(
    sql`json_extract(${held}, ${sql.lit(`$.${name}`)})`,
    sql`(document(${held}) ->> ${sql.lit(name)})`,
  );
}

/** What is at a path as JSON text without spaces around it; NULL where nothing is. */
export function jsonText(json: Expression, at: string): Expression {
  return spelled(sql`(${json} -> ${at})`, sql`(${inPostgres(json, at)}::text)`);
}

/** The elements of a list at a path, to stand in a FROM: `element (value, key)`, `key` counting. None where there is no list. */
export function jsonElements(json: Expression, at: string): Expression {
  const value = inPostgres(json, at);
  return spelled(
    sql`json_each(${json}, ${at}) AS element`,
    sql`jsonb_array_elements(CASE jsonb_typeof(${value}) WHEN 'array' THEN ${value} ELSE '[]' END)
      WITH ORDINALITY AS element (value, key)`,
  );
}

/** The same of an `element` that is no object. */
export function elementScalar(type: Scalar): Expression {
  const value = sql.ref('element.value');
  const looked = jsonScalar(value, '$', type);
  switch (type) {
    case 'boolean':
      return spelled(sql`(CASE element.type WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)`, looked);
    case 'number':
      return spelled(sql`(CASE WHEN element.type IN ('integer', 'real') THEN CAST(${value} AS REAL) END)`, looked);
    case 'text':
      return spelled(sql`(CASE element.type WHEN 'text' THEN ${value} END)`, looked);
  }
}

/** Whether an `element` is anything but null. */
export function elementPresent(): Expression {
  return spelled(sql`element.value IS NOT NULL`, sql`element.value <> 'null'`);
}

/** All rows of a group as one JSON list of lists, as text. */
export function jsonRows(...columns: string[]): RawBuilder<string> {
  return orderedJsonRows(columns);
}

/** The same in an order; NULL or an empty list where there are no rows. */
export function orderedJsonRows(columns: readonly string[], order?: RawBuilder<unknown>): RawBuilder<string> {
  const picked = sql.join(columns.map((column) => sql.ref(column)));
  const ordered = order === undefined ? sql`` : sql` ORDER BY ${order}`;
  return spelled<string>(
    sql`json_group_array(json_array(${picked})${ordered})`,
    sql`(json_agg(json_build_array(${picked})${ordered})::text)`,
  );
}

/** What `orderedJsonRows` gave. A NUL, which a server holds in other words than JSON has for it, comes as it is. */
export function readJsonRows<Row extends readonly unknown[]>(text: string | null): Row[] {
  if (text === null) return [];
  return JSON.parse(text.includes('\0') ? text.replaceAll('\0', '\\u0000') : text) as Row[];
}

/** Names in paths are quoted, which both languages of paths write alike. A missing step gives NULL. */
function inPostgres(json: Expression, at: string): Expression {
  return sql`jsonb_path_query_first(${json}, ${`strict ${at}`}::jsonpath, '{}', true)`;
}
