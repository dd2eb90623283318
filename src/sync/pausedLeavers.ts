import type { Kysely } from 'kysely';
import type { Breathe } from '../access/ports/store.ts';
import type { Tables } from '../store/tables.ts';
import { A_PART, behind, inPages } from './reading.ts';
import { orderedLeavers, pausedConnections } from './stored.ts';

/** Somebody who left and whose id on a controller is still theirs, because their connection is paused. */
interface PausedLeaver {
  readonly controller: string;
  readonly person: string;
  /** The paused connection. */
  readonly connection: string;
}

/**
 * Leavers of paused connections on these controllers: passes leave their people alone and take their marks, so that an id that is still
 * somebody's as if they had not left is all there is. Nothing is read where no connection is paused.
 */
export async function pausedLeavers(
  db: Kysely<Tables>,
  controllers: Iterable<string>,
  breathe: Breathe,
): Promise<readonly PausedLeaver[]> {
  const paused = await pausedConnections(db);
  if (paused.size === 0) return [];
  const ordered = await orderedLeavers(db);
  const found: PausedLeaver[] = [];
  for (const controller of controllers) {
    const claims = db
      .selectFrom('claims')
      .leftJoin('users', 'users.id', 'claims.person')
      .select(['claims.folded_id', 'claims.person', 'claims.connection', 'users.active'])
      .where('claims.controller', '=', controller)
      .where('claims.state', '=', 'current')
      .where('claims.connection', 'in', [...paused]);
    await inPages<Awaited<ReturnType<typeof claims.execute>>[number]>(breathe, async (after) => {
      const page = await claims
        .where(behind(['folded_id'], after))
        .orderBy('claims.folded_id')
        .limit(A_PART)
        .execute();
      for (const { person, connection, active } of page)
        if (active !== 1 || ordered.has(person)) found.push({ controller, person, connection });
      return page;
    });
  }
  return found;
}
