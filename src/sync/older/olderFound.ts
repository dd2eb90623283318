import { type Kysely, sql } from 'kysely';
import type { OlderCredentials } from '../../access/ports/controller.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { NewLinksTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { forgetLinks } from '../ids/newLinks.ts';
import type { SyncContext } from '../state/context.ts';
import { PART, partsOf, type Work, writeInParts } from '../state/parts.ts';
import { olderRecord } from './olderRecords.ts';

type Db = Kysely<Tables>;

/** An id that the controller is asked about, and how somebody was linked to it. */
export type Unasked = Pick<NewLinksTable, 'folded_id' | 'id' | 'person' | 'former_connection' | 'taken' | 'linked_at'>;

/** People whose finding is stored together. */
const PEOPLE = 100;
/** Milliseconds behind its link from which a token is theirs: clocks differ, and whoever was logged in may have made one just then. */
const THEIRS = 3_600_000;

/** Somebody can act with what may be older, or whoever has the id now with credentials of another one; of an id that was taken over, a record is enough: whoever had it may still be logged in. */
function matters({ taken, linked_at }: Unasked, held: OlderCredentials | undefined): held is OlderCredentials {
  if (held === undefined) return false;
  const theirs = Date.parse(linked_at) + THEIRS;
  const made = held.tokens.filter(({ created = 0 }) => created > theirs).length;
  const acting = held.tokenCount - made + held.sshKeyCount + held.sshSessions + held.credentials;
  return acting > 0 || held.error !== undefined || taken === 1;
}

/** Stores and records what waits for a person from now on, and forgets the rest. */
export async function storeAnswer(
  context: SyncContext,
  controller: string,
  asked: readonly Unasked[],
  known: readonly OlderCredentials[],
): Promise<void> {
  const { store, clock, recorder, meter, log } = context;
  const at = new Date(clock.now()).toISOString();
  const held = new Map(known.map((one) => [one.id, one]));
  const found = asked.flatMap((row) => {
    const one = held.get(row.id);
    return matters(row, one) ? [{ row, one }] : [];
  });
  const telling = new Set(found.map(({ row }) => row));
  const empty = asked.filter((row) => !telling.has(row)).map(({ folded_id }) => folded_id);
  const works: Work[] = [
    ...partsOf(empty).map(
      (part) => ({ rows: part.length, run: ({ db }) => forgetLinks(db, controller, part) }) as Work,
    ),
    ...partsOf(found, PEOPLE).map(
      (part): Work => ({
        rows: (part.length * PART) / PEOPLE,
        async run(tx) {
          await storeFound(tx.db, controller, part, at);
          const events = part.map(({ row, one }) => olderRecord(controller, row, one));
          await recorder.recordAll(tx, events);
        },
      }),
    ),
  ];
  await writeInParts(store, works);
  if (found.length === 0) return;
  for (const { row } of found) meter.older(controller, row.taken === 1);
  const takenOver = found.filter(({ row }) => row.taken === 1).length;
  log.warn('people were linked to ids that can be used with what is older', {
    controller,
    ids: found.length,
    takenOver,
  });
}

/** One statement for all of them: every row gets its own text. */
async function storeFound(
  db: Db,
  controller: string,
  part: readonly { readonly row: Unasked; readonly one: OlderCredentials }[],
  at: string,
): Promise<void> {
  const texts = sql.join(
    part.map(({ row, one: { id: _, ...held } }) => sql`WHEN ${row.folded_id} THEN ${JSON.stringify(held)}`),
    sql` `,
  );
  const ids = textRows(part.map(({ row }) => row.folded_id));
  await sql`UPDATE new_links SET asked_at = ${at}, found = CASE folded_id ${texts} END
    WHERE controller = ${controller} AND ${among(sql.ref('folded_id'), ids)}`.execute(db);
}
