import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables.ts';
import { parsed, tampering } from './record.ts';

/** What the ledger proves last of a departure on one controller. */
export interface Departure {
  readonly controller: string;
  readonly cause: 'leaver' | 'old-id';
  /** When it was received, as the record has it; tells one departure from another. */
  readonly receivedAt: string | undefined;
  readonly missing: readonly string[];
}

const KINDS: Readonly<Record<string, Pick<Departure, 'cause'> & { readonly complete: boolean }>> = {
  'leaver.complete': { cause: 'leaver', complete: true },
  'leaver.came-back': { cause: 'leaver', complete: false },
  'old-id.complete': { cause: 'old-id', complete: true },
  'old-id.came-back': { cause: 'old-id', complete: false },
};

/**
 * Departures of somebody that are proven complete, by records that only the service can have written. One that was owed again since
 * is not among them; neither is what somebody wrote into the database.
 */
export async function completedDepartures(
  db: Kysely<Tables>,
  key: Uint8Array,
  person: string,
): Promise<readonly Departure[]> {
  const rows = await db
    .selectFrom('ledger')
    .selectAll()
    .where('subject_kind', '=', 'user')
    .where('subject_id', '=', person)
    .where('kind', 'in', Object.keys(KINDS))
    .orderBy('id')
    .execute();
  const found: Departure[] = [];
  for (const row of rows) {
    const told = KINDS[row.kind];
    if (told === undefined || tampering(key, row) !== undefined) continue;
    const body = parsed(row.body) as Partial<Departure>;
    const departure = { ...body, cause: told.cause, missing: body.missing ?? [] } as Departure;
    if (told.complete) found.push(departure);
    else {
      const at = found.findLastIndex((one) => isSame(one, departure));
      if (at >= 0) found.splice(at, 1);
    }
  }
  return found;
}

/** Whether two records tell of one departure; several ids of a person that were cut off together are as many departures. */
export function isSame(a: Omit<Departure, 'missing'>, b: Omit<Departure, 'missing'>): boolean {
  return a.controller === b.controller && a.cause === b.cause && a.receivedAt === b.receivedAt;
}
