import type { Kysely } from 'kysely';
import type { LedgerEvent, Recorder } from '../access/ports/recorder.ts';
import type { Transaction } from '../access/ports/store.ts';
import type { CredentialsTables } from '../store/tables/credentials.ts';
import type { Tables } from '../store/tables.ts';
import { issuedFor } from './external/marks.ts';
import { endRotations } from './rotationRows.ts';
import { credentialEvent } from './tokenRow.ts';

type Tx = Transaction<Tables>;

/** Which credentials ended in a database; a backup of before does not know it. */
export interface Endings {
  /** When each was revoked, by id. */
  readonly revoked: ReadonlyMap<string, string>;
  readonly marks: readonly CredentialsTables['compromised'][];
}

export async function endingsOf(db: Kysely<Tables>): Promise<Endings> {
  const revoked = await db
    .selectFrom('tokens')
    .select(['id', 'revoked_at'])
    .where('revoked_at', 'is not', null)
    .execute();
  const marks = await db.selectFrom('compromised').selectAll().execute();
  return { revoked: new Map(revoked.map(({ id, revoked_at: at }) => [id, at!])), marks };
}

/**
 * Ends in a database that was restored what had ended in the one it took the place of: a stolen token must not open again by a
 * backup. Each is a record. @returns how many
 */
export async function endAgain(
  tx: Tx,
  recorder: Recorder<Tx>,
  { revoked, marks }: Endings,
  actor: string,
): Promise<number> {
  const rows = await tx.db.selectFrom('tokens').selectAll().orderBy('created_at').orderBy('id').execute();
  const known = new Map(
    (await tx.db.selectFrom('compromised').selectAll().execute()).map((mark) => [mark.credential, mark]),
  );
  const later = new Map(
    marks
      .filter(({ credential, marked_at }) => marked_at > (known.get(credential)?.marked_at ?? ''))
      .map((mark) => [mark.credential, mark]),
  );
  const events: LedgerEvent[] = [];
  for (const row of rows) {
    const revokedAt = row.revoked_at === null ? revoked.get(row.id) : undefined;
    const mark = later.get(row.id);
    if (revokedAt === undefined && mark === undefined) continue;
    if (revokedAt !== undefined) {
      await tx.db.updateTable('tokens').set({ revoked_at: revokedAt, mac: '' }).where('id', '=', row.id).execute();
      await endRotations(tx, row.id, revokedAt);
    }
    const more = { restored: true, ...(revokedAt === undefined ? {} : { revokedAt }) };
    events.push(
      mark === undefined
        ? credentialEvent('credential.revoked', row, actor, more)
        : credentialEvent('credential.compromised', row, actor, { ...more, since: mark.since }),
    );
  }
  for (const { credential: id, since } of later.values()) {
    const connection = issuedFor(id);
    if (connection === undefined) continue;
    const body = { kind: 'jwt', connection, since, restored: true };
    events.push({ kind: 'credential.compromised', actor, subject: { kind: 'credential', id }, body });
  }
  for (const mark of later.values())
    await tx.db
      .insertInto('compromised')
      .values(mark)
      .onConflict((conflict) => conflict.column('credential').doUpdateSet(mark))
      .execute();
  for (const event of events) await recorder.record(tx, event);
  return events.length;
}
