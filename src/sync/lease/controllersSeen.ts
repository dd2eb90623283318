import type { Kysely } from 'kysely';
import type { Capabilities } from '../../access/ports/controller.ts';
import type { Tables } from '../../store/tables.ts';
import { otherServiceLately } from './otherService.ts';

/** How each controller was met last: why it could not be worked on, and whether another service works there. Instants are RFC 3339. */
export async function controllersSeen(db: Kysely<Tables>) {
  const rows = await db.selectFrom('controllers').selectAll().orderBy('name').execute();
  return rows.map(({ name, error, error_ms, capabilities }) => {
    // Of an older version they say nothing of others.
    const { otherWriters = [], time = 0 } = JSON.parse(capabilities ?? '{}') as Partial<Capabilities>;
    const other = otherServiceLately({ otherWriters, time });
    return {
      controller: name,
      ...(error === null || error_ms === null
        ? {}
        : { problem: { at: new Date(error_ms).toISOString(), reason: error } }),
      ...(other === undefined ? {} : { otherServiceAt: new Date(other).toISOString() }),
    };
  });
}
