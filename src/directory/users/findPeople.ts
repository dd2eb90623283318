import { type Kysely, sql } from 'kysely';
import { fold } from '../../access/fold.ts';
import type { Tables } from '../../store/tables.ts';
import { tombstones } from '../facts/factRows.ts';

/** Somebody an operator asked for by name. */
export interface FoundPerson {
  /** SCIM id. */
  readonly id: string;
  readonly connection: string;
  readonly userName: string;
  readonly externalId?: string;
  readonly email?: string;
  /** False for the deleted, too. */
  readonly active: boolean;
  /** ISO instant; present for the deleted. */
  readonly deletedAt?: string;
}

/**
 * Everybody with this SCIM id, userName (folded) or externalId, over all connections; the living first, the deleted after
 * them, the last one first. Several may answer: a name is free again when its owner is deleted.
 */
export async function findPeople(db: Kysely<Tables>, text: string): Promise<FoundPerson[]> {
  const key = fold(text);
  const living = await db
    .selectFrom('users')
    .select(['id', 'connection', 'user_name', 'external_id', 'email', 'active'])
    .where((e) => e.or([e('id', '=', text), e('user_name_key', '=', key), e('external_id', '=', text)]))
    .orderBy('connection')
    .orderBy('id')
    .execute();
  const dead = await tombstones(db, sql`(id = ${text} OR name_key = ${key} OR external_id = ${text})`);
  return [
    ...living.map((row) => ({
      id: row.id,
      connection: row.connection,
      userName: row.user_name,
      ...(row.external_id === null ? {} : { externalId: row.external_id }),
      ...(row.email === null ? {} : { email: row.email }),
      active: row.active === 1,
    })),
    ...dead.reverse().map(({ request: _, credential: __, ...tombstone }) => ({ ...tombstone, active: false })),
  ];
}
