import type { Kysely } from 'kysely';
import type { GroupRef } from '../../scim/resource.ts';
import { prepared } from '../../store/prepared.ts';
import type { Store, Tx } from '../../store/store.ts';
import type { Tables } from '../../store/tables.ts';
import type { UserRow } from './userRow.ts';

/** A person as read, before the write that changes it or in it; the groups where they are asked for. */
export interface SeenUser {
  readonly row: UserRow;
  readonly groups: readonly GroupRef[] | undefined;
}

/** For a write whose resource is no more what was seen of it. */
export class Outdated extends Error {}

/**
 * Runs a write; while others are on their way with what `see` reads ahead of it, so that it waits for no answer of its own, and those
 * behind it need not wait for it. Where that is outdated by then, it runs once more without.
 */
export function aheadOfCrowd<S, T>(
  store: Store,
  see: (db: Kysely<Tables>) => Promise<S | undefined>,
  run: (seen: S | undefined) => Promise<T>,
): Promise<T> {
  return store.crowded?.() === true ? withSeen(store, see, run) : run(undefined);
}

async function withSeen<S, T>(
  store: Store,
  see: (db: Kysely<Tables>) => Promise<S | undefined>,
  run: (seen: S | undefined) => Promise<T>,
): Promise<T> {
  // Where it cannot be read, the write finds out for itself.
  const seen = await store.read(see, { atOnce: true }).catch(() => undefined);
  try {
    return await run(seen);
  } catch (error) {
    if (seen === undefined || !(error instanceof Outdated)) throw error;
    return run(undefined);
  }
}

const versionOf = prepared<{ id: string; connection: string }, { version: number }>((value, db) =>
  db.selectFrom('users').select('version').where('id', '=', value('id')).where('connection', '=', value('connection')),
);

/** Rejects where somebody changed the person since; then nothing of the write stands, and it is done again. */
export async function requireAsSeen({ db }: Pick<Tx, 'db'>, { id, connection, version }: UserRow): Promise<void> {
  const { rows } = await versionOf(db, { id, connection });
  if (rows[0]?.version !== version) throw new Outdated('it changed since it was read');
}
