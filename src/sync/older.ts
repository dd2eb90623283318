import { type Kysely, sql } from 'kysely';
import type { Controller, OlderCredentials } from '../access/ports/controller.ts';
import type { LedgerEvent } from '../access/ports/recorder.ts';
import { ScimError } from '../errors.ts';
import { among, textRows } from '../store/sql/lists.ts';
import type { NewLinksTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import type { SyncContext } from './context.ts';
import { forgetLinks } from './newLinks.ts';
import { PART, partsOf, type Work, writeInParts } from './parts.ts';
import { A_PART, inPages } from './reading.ts';

type Db = Kysely<Tables>;
type Unasked = Pick<NewLinksTable, 'folded_id' | 'id' | 'person' | 'former_connection' | 'taken'>;

/** People whose finding is stored together. */
const PEOPLE = 100;

/** Asked between two scripts: whether somebody left, who goes first. */
type Urgent = () => Promise<boolean>;

/**
 * Asks a controller what the ids that somebody was linked to held before, after everything that had to be done is done: a look
 * must not delay a grant or a leaver. What it cannot tell now is asked again by the next pass over everybody.
 * @returns whether some are left unasked
 */
export async function askOlder(context: SyncContext, controller: Controller, urgent?: Urgent): Promise<boolean> {
  const { store, log } = context;
  const rows = await store.read((db, breathe) =>
    inPages<Unasked>(breathe, (after) => unasked(db, controller.name, after?.folded_id ?? '')),
  );
  let left = rows;
  try {
    while (left.length > 0) {
      if (left !== rows && (await urgent?.()) === true) return true;
      const { known, rest } = await controller.older(left.map(({ id }) => id));
      const asked = left.slice(0, left.length - rest.length);
      await storeAnswer(context, controller.name, asked, known);
      left = left.slice(asked.length);
    }
    return false;
  } catch (error) {
    if (!(error instanceof ScimError) || !error.code.startsWith('JEN_')) throw error;
    const { code, message: reason } = error;
    log.warn('a controller did not tell what newly linked ids held before', {
      controller: controller.name,
      code,
      reason,
    });
    return true;
  }
}

function unasked(db: Db, controller: string, after: string): Promise<Unasked[]> {
  return db
    .selectFrom('new_links')
    .select(['folded_id', 'id', 'person', 'former_connection', 'taken'])
    .where('controller', '=', controller)
    .where('found', 'is', null)
    .where('folded_id', '>', after)
    .orderBy('folded_id')
    .limit(A_PART)
    .execute();
}

/** Somebody can act with it; of an id that was taken over, a record is enough: whoever had it may still be logged in. */
function matters({ taken }: Unasked, held: OlderCredentials | undefined): held is OlderCredentials {
  if (held === undefined) return false;
  const acting = held.tokenCount + held.sshKeyCount + held.sshSessions;
  return acting > 0 || held.error !== undefined || taken === 1;
}

async function storeAnswer(
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

/** What somebody was linked to, as evidence: numbers, ids of tokens and dates; names and fingerprints apart, erasable. */
function olderRecord(controller: string, row: Unasked, held: OlderCredentials): LedgerEvent {
  const { tokens, tokenCount, sshKeys, sshKeyCount, sshSessions, password, error } = held;
  const stamp = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  const prints = sshKeys.flatMap(({ fingerprint }) => fingerprint ?? []);
  return {
    kind: 'identity.older',
    actor: 'sync',
    subject: { kind: 'user', id: row.person },
    body: {
      controller,
      takenOver: row.taken === 1,
      ...(row.former_connection === null ? {} : { former: row.former_connection }),
      tokens: tokens.map(({ uuid, legacy, created, lastUse }) => ({
        ...{ uuid, legacy, createdAt: stamp(created), lastUseAt: stamp(lastUse) },
      })),
      ...{ tokenCount, sshKeys: sshKeyCount, sshSessions, password },
      ...(error === undefined ? {} : { error }),
    },
    personal: {
      jenkinsId: row.id,
      ...(tokens.length === 0 ? {} : { tokenNames: JSON.stringify(tokens.map(({ name }) => name)) }),
      ...(prints.length === 0 ? {} : { sshKeys: JSON.stringify(prints) }),
    },
  };
}
