import { instant } from '../access/ports/clock.ts';
import { refuse } from '../errors.ts';
import type { CredentialsDeps } from './deps.ts';
import { endRotations } from './rotationRows.ts';
import { credentialEvent } from './tokenRow.ts';

const SHOWN = 1000;

/** What the ledger says a credential did. */
export interface Deed {
  readonly at: string;
  readonly kind: string;
  readonly subject: string | null;
}

export interface Compromise {
  readonly id: string;
  readonly since: string;
  /** Records by their kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** The first thousand, oldest first. */
  readonly caused: readonly Deed[];
}

/**
 * Ends a credential that somebody else had and marks it: what people gain by what it did since then waits for a release. Marked
 * again, the later call decides from when. `since` is an instant. @throws ScimError AUTH_UNKNOWN
 */
export async function markCompromised(
  { store, clock, recorder }: Pick<CredentialsDeps, 'store' | 'clock' | 'recorder'>,
  { id, since }: { readonly id: string; readonly since: string },
  actor: string,
): Promise<Compromise> {
  return store.write(async (tx) => {
    const row = await tx.db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw refuse('AUTH_UNKNOWN', { id });
    const at = instant(clock);
    if (row.revoked_at === null)
      await tx.db.updateTable('tokens').set({ revoked_at: at, mac: '' }).where('id', '=', id).execute();
    await endRotations(tx, id, at);
    await tx.db
      .insertInto('compromised')
      .values({ credential: id, since, marked_at: at })
      .onConflict((conflict) => conflict.column('credential').doUpdateSet({ since, marked_at: at }))
      .execute();
    const deeds = tx.db.selectFrom('ledger').where('actor', '=', id).where('at', '>=', since);
    const counts = await deeds
      .select(({ fn }) => ['kind', fn.countAll<number>().as('count')])
      .groupBy('kind')
      .orderBy('kind')
      .execute();
    const caused = await deeds.select(['at', 'kind', 'subject_id']).orderBy('id').limit(SHOWN).execute();
    await recorder.record(tx, credentialEvent('credential.compromised', row, actor, { since }));
    return {
      id,
      since,
      counts: Object.fromEntries(counts.map(({ kind, count }) => [kind, Number(count)])),
      caused: caused.map(({ at: when, kind, subject_id: subject }) => ({ at: when, kind, subject })),
    };
  });
}
