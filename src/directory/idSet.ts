import { type RawBuilder, sql } from 'kysely';

/** Ids as one parameter, whatever their number; to be used after `IN`. */
export function idSet(ids: Iterable<string>): RawBuilder<string> {
  return sql<string>`(SELECT value FROM json_each(${JSON.stringify([...ids])}))`;
}
