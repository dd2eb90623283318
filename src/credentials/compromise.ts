import { instant } from '../access/ports/clock.ts';
import type { LedgerEvent } from '../access/ports/recorder.ts';
import type { Transaction } from '../access/ports/store.ts';
import { refuse } from '../errors.ts';
import type { Tables } from '../store/tables.ts';
import type { CredentialsDeps } from './deps.ts';
import { callerOf, issuedFor } from './external/marks.ts';
import { endRotations } from './rotationRows.ts';
import { credentialEvent } from './tokenRow.ts';

const SHOWN = 1000;

/** What the ledger says a credential did. */
interface Deed {
  readonly at: string;
  readonly kind: string;
  readonly subject: string | null;
  /** What the person or the group was called then; absent where that was erased, or is of neither. */
  readonly name?: string;
}

export interface Compromise {
  readonly id: string;
  readonly since: string;
  /** Records by their kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** The first thousand, oldest first. */
  readonly caused: readonly Deed[];
}

interface CompromiseDeps extends Pick<CredentialsDeps, 'store' | 'clock' | 'recorder'> {
  /** Connections that take JWTs of somebody else; those that once did are in the database. */
  readonly issuers: readonly string[];
}

/**
 * Ends a credential that somebody else had and marks it: what people gain by what it did since then waits for a release. Marked
 * again, the later call decides from when. Of an issuer (`jwt:CONNECTION`), what it signed until now ends. `since` is an instant.
 * @throws ScimError AUTH_UNKNOWN, AUTH_ISSUER
 */
export async function markCompromised(
  deps: CompromiseDeps,
  { id, since }: { readonly id: string; readonly since: string },
  actor: string,
): Promise<Compromise> {
  const { store, clock, recorder } = deps;
  return store.write(async (tx) => {
    const at = instant(clock);
    const event = await ended(tx, deps, { id, since, at, actor });
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
    const caused = await deeds
      .leftJoin('ledger_personal', 'ledger_personal.uid', 'ledger.uid')
      .select(['at', 'kind', 'subject_id', 'body', 'content'])
      .orderBy('id')
      .limit(SHOWN)
      .execute();
    await recorder.record(tx, event);
    return {
      id,
      since,
      counts: Object.fromEntries(counts.map(({ kind, count }) => [kind, Number(count)])),
      caused: caused.map(({ at: when, kind, subject_id: subject, body, content }) => {
        const name = nameIn(content ?? '{}', 'userName') ?? nameIn(body, 'displayName');
        return { at: when, kind, subject, ...(name === undefined ? {} : { name }) };
      }),
    };
  });
}

function nameIn(text: string, key: 'userName' | 'displayName'): string | undefined {
  const name: unknown = (JSON.parse(text) as Record<string, unknown>)[key];
  return typeof name === 'string' ? name : undefined;
}

interface Mark {
  readonly id: string;
  readonly since: string;
  readonly at: string;
  readonly actor: string;
}

/** Ends what can be ended here, and what the ledger is told. */
async function ended(
  tx: Transaction<Tables>,
  deps: CompromiseDeps,
  { id, since, at, actor }: Mark,
): Promise<LedgerEvent> {
  const kind = 'credential.compromised';
  const connection = issuedFor(id);
  if (connection !== undefined) {
    const { issuers } = deps;
    const seen = await tx.db.selectFrom('issuers').select('connection').orderBy('connection').execute();
    const known = [...new Set([...issuers, ...seen.map((row) => row.connection)])];
    if (!known.includes(connection)) throw refuse('AUTH_ISSUER', { id, known: told(known) });
    return { kind, actor, subject: { kind: 'credential', id }, body: { kind: 'jwt', connection, since } };
  }
  const row = await tx.db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw refuse('AUTH_UNKNOWN', { id });
  if (row.revoked_at === null)
    await tx.db.updateTable('tokens').set({ revoked_at: at, mac: '' }).where('id', '=', id).execute();
  await endRotations(tx, id, at);
  return credentialEvent(kind, row, actor, { since });
}

function told(known: readonly string[]): string {
  return known.length === 0 ? 'no connection takes any' : `there are ${known.map(callerOf).join(', ')}`;
}
