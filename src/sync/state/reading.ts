import { sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import { unindexed } from '../../store/sql/unindexed.ts';

/** Whom a question is about: everybody, or these people by SCIM id. */
export type Whom = 'all' | ReadonlySet<string>;

/** People of one statement and one turn of the event loop. */
const CHUNK = 100;
/** Rows that are read in one turn of the event loop. */
export const A_PART = 1_000;

/** Where nothing else waits for the event loop. */
export const inOneTurn: Breathe = async () => {};

export async function chunked<Row>(
  values: readonly string[],
  breathe: Breathe,
  query: (part: string[]) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < values.length; at += CHUNK) {
    await breathe();
    rows.push(...(await query(values.slice(at, at + CHUNK))));
  }
  return rows;
}

/** Whether a row is of one of these people: one parameter, whatever their number. */
export function whose(people: readonly string[]) {
  return sql<boolean>`${among(sql.ref('person'), textRows(people))}`;
}

/**
 * Whether a row is of the controller, kept out of the way of the index over people: most rows are of one controller, and an engine
 * that has no statistics of the table takes the index that begins with it, and goes through all of them.
 */
export function isOf(controller: string) {
  return sql<boolean>`${unindexed('controller')} = ${controller}`;
}

/** Every row, in the order of a key, so many in a turn of the event loop. */
export async function inPages<Row>(breathe: Breathe, page: (after: Row | undefined) => Promise<Row[]>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const part of pages(breathe, page)) for (const row of part) found.push(row);
  return found;
}

/** The same, page by page: nobody keeps what is looked through. */
export async function* pages<Row>(
  breathe: Breathe,
  page: (after: Row | undefined) => Promise<Row[]>,
): AsyncGenerator<readonly Row[], void> {
  for (let last: Row | undefined; ; ) {
    await breathe();
    const part = await page(last);
    yield part;
    if (part.length < A_PART) return;
    last = part.at(-1);
  }
}

/** Whether a row is behind the last one of the page before, in the order of these columns. */
export function behind<Row extends object>(columns: readonly (keyof Row & string)[], after: Row | undefined) {
  if (after === undefined) return sql<boolean>`1 = 1`;
  const values = columns.map((column) => sql`${after[column]}`);
  return sql<boolean>`(${sql.join(columns.map((column) => sql.ref(column)))}) > (${sql.join(values)})`;
}
