import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables.ts';
import type { LiveRow } from './tokenRow.ts';

/** A credential with the end that an open rotation sets it: one lookup. */
export function liveRow(db: Kysely<Tables>, id: string): Promise<LiveRow | undefined> {
  return db
    .selectFrom('tokens')
    .leftJoin('rotations', (join) =>
      join.onRef('rotations.predecessor', '=', 'tokens.id').on('rotations.state', '=', 'open'),
    )
    .selectAll('tokens')
    .select('rotations.ends_at')
    .where('tokens.id', '=', id)
    .executeTakeFirst();
}
