import { type RawBuilder, sql } from 'kysely';
import { textRows } from '../store/sql/lists.ts';

/** Ids as one parameter, whatever their number; to be used after `IN`. */
export function idSet(ids: Iterable<string>): RawBuilder<string> {
  return sql<string>`(${textRows(ids)})`;
}
