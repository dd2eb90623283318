import type { Kysely } from 'kysely';
import { prepared } from '../store/prepared.ts';
import type { Tables } from '../store/tables.ts';
import type { LiveRow } from './tokenRow.ts';

const byId = prepared<{ id: string }, LiveRow>((value, db) =>
  db
    .selectFrom('tokens')
    .leftJoin('rotations', (join) =>
      join.onRef('rotations.predecessor', '=', 'tokens.id').on('rotations.state', '=', 'open'),
    )
    .selectAll('tokens')
    .select('rotations.ends_at')
    .where('tokens.id', '=', value('id')),
);

/** A credential with the end that an open rotation sets it: one lookup. */
export async function liveRow(db: Kysely<Tables>, id: string): Promise<LiveRow | undefined> {
  const { rows } = await byId(db, { id });
  return rows[0];
}
