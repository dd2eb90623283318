import { type RawBuilder, sql } from 'kysely';
import { textRows } from '../../store/sql/lists.ts';

/** Ids as one parameter, whatever their number; to be used after `IN`. */
export function idSet(ids: Parameters<typeof textRows>[0]): RawBuilder<string> {
  return sql<string>`(${textRows(ids)})`;
}
