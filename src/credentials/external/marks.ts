import type { Kysely } from 'kysely';
import type { StorePort } from '../../access/ports/store.ts';
import { prepared } from '../../store/prepared.ts';
import type { Tables } from '../../store/tables.ts';
import { CLOCK_SKEW } from '../signedText.ts';

const PREFIX = 'jwt:';
/** Milliseconds in which a request that was let in before a mark has committed: a Bulk of the largest size takes a fraction. */
const IN_FLIGHT = 600_000;
const TABLES = ['compromised'] as const;

/** What JWTs of a connection's issuer are called in the ledger, the journal and the log. */
export function callerOf(connection: string): string {
  return PREFIX + connection;
}

/** The connection whose issuer's JWTs are called so; undefined for the id of one of our own credentials. */
export function issuedFor(id: string): string | undefined {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : undefined;
}

/**
 * Until when deeds may be those of a credential that was marked: JWTs of later go on under the same name, where one of our own is
 * revoked by the mark and does nothing any more.
 */
export function markEnds({
  credential,
  marked_at,
}: {
  readonly credential: string;
  readonly marked_at: string;
}): string | undefined {
  if (issuedFor(credential) === undefined) return undefined;
  return new Date(Date.parse(marked_at) + IN_FLIGHT).toISOString();
}

const markOf = prepared<{ credential: string }, { marked_at: string }>((value, db) =>
  db.selectFrom('compromised').select('marked_at').where('credential', '=', value('credential')),
);

/** JWTs that were issued until somebody said that one was stolen are refused: the issuer cannot be asked to end them. */
export class IssuerMarks {
  readonly #store: Pick<StorePort<Tables>, 'read' | 'stamp'>;
  readonly #known = new Map<string, number | undefined>();
  #stamp: string | undefined;

  constructor(store: Pick<StorePort<Tables>, 'read' | 'stamp'>) {
    this.#store = store;
  }

  /** Whether a JWT that was not issued before this (seconds, see `issuedAfter`; undefined where nobody can say) may still be used, clocks differing as they may. */
  async admits(connection: string, issued: number | undefined): Promise<boolean> {
    const marked = await this.#markedAt(connection);
    return marked === undefined || (issued !== undefined && (issued - CLOCK_SKEW) * 1000 > marked);
  }

  async #markedAt(connection: string): Promise<number | undefined> {
    const stamp = this.#store.stamp?.(TABLES);
    if (stamp === undefined || stamp !== this.#stamp) this.#known.clear();
    this.#stamp = stamp;
    if (this.#known.has(connection)) return this.#known.get(connection);
    const marked = await this.#store.read((db) => read(db, connection), { atOnce: true });
    if (stamp !== undefined && this.#store.stamp?.(TABLES) === stamp) this.#known.set(connection, marked);
    return marked;
  }
}

async function read(db: Kysely<Tables>, connection: string): Promise<number | undefined> {
  const { rows } = await markOf(db, { credential: callerOf(connection) });
  return rows[0] === undefined ? undefined : Date.parse(rows[0].marked_at);
}
