import type { Kysely } from 'kysely';
import type { Recorder } from '../access/ports/recorder.ts';
import type { Transaction } from '../access/ports/store.ts';
import type { TokensTable } from '../store/tables/credentials.ts';
import type { Tables } from '../store/tables.ts';
import type { RotationPlace } from './credentials.ts';
import { credentialEvent } from './tokenRow.ts';

type Tx = Transaction<Tables>;

/** Where credentials stand in open rotations, by id. */
export async function placesOf(db: Kysely<Tables>): Promise<Map<string, RotationPlace>> {
  const open = await db.selectFrom('rotations').selectAll().where('state', '=', 'open').execute();
  return new Map(
    open.flatMap(({ successor, predecessor, ends_at: endsAt }): [string, RotationPlace][] => [
      [successor, { role: 'successor', other: predecessor, endsAt }],
      [predecessor, { role: 'predecessor', other: successor, endsAt }],
    ]),
  );
}

/** The first use of a successor sets the end of its predecessor. `now` in milliseconds. */
export async function noteFirstUse(tx: Tx, recorder: Recorder<Tx>, row: TokensTable, now: number): Promise<void> {
  const open = await tx.db
    .selectFrom('rotations')
    .selectAll()
    .where('successor', '=', row.id)
    .where('state', '=', 'open')
    .where('used_at', 'is', null)
    .executeTakeFirst();
  if (open === undefined) return;
  const times = { used_at: new Date(now).toISOString(), ends_at: new Date(now + open.grace_ms).toISOString() };
  await tx.db.updateTable('rotations').set(times).where('successor', '=', row.id).execute();
  const more = { predecessor: open.predecessor, predecessorEndsAt: times.ends_at };
  await recorder.record(tx, credentialEvent('credential.rotation.used', row, row.id, more));
}

/** A revocation ends the rotations the credential takes part in: the other one stays alone. */
export async function endRotations(tx: Tx, id: string, at: string): Promise<void> {
  const end = (state: 'completed' | 'cancelled') => tx.db.updateTable('rotations').set({ state, ended_at: at });
  await end('completed').where('predecessor', '=', id).where('state', '=', 'open').execute();
  await end('cancelled').where('successor', '=', id).where('state', '=', 'open').execute();
}
