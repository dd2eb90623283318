import { type RawBuilder, sql } from 'kysely';

/**
 * A column of texts in a comparison that no index answers, so that the index over another column of the condition is taken: an engine
 * without statistics takes one that begins with a controller or a connection, in which everything is.
 */
export function unindexed(column: string): RawBuilder<string> {
  return sql<string>`(${sql.ref(column)} || '')`;
}
