import { type Kysely, sql } from 'kysely';
import type { Transaction } from '../../access/ports/store.ts';
import { isAbout } from '../../ledger/createWitness.ts';
import { parsed } from '../../ledger/record.ts';
import type { Witness } from '../../ledger/witness.ts';
import { rowsOf } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { handOutWord } from './declared.ts';
import { isRename } from './renames.ts';

type Db = Kysely<Tables>;

/** Of a pause that nobody has ended. */
interface Pause {
  /** Of its record in the ledger. */
  readonly id: number;
  /** When the oldest mark was made that passes may have taken since (RFC 3339). */
  readonly marksSince: string;
  /** Of whom a word of an operator waited when it began, for a controller that was down say. */
  readonly words: readonly string[];
}

/**
 * Hands out again what passes took the marks of while a connection was paused, for they left its people alone: what operators said of
 * them, and what they were called for a while, which nothing else tells of.
 * @param at RFC 3339
 */
export async function handOutAgain(
  tx: Transaction<Tables>,
  controllers: readonly string[],
  connection: string,
  at: string,
  witness: Witness,
): Promise<void> {
  const pause = await pauseOf(tx.db, connection, witness);
  if (pause === undefined) return;
  const { rows } = await sql<{ person: string }>`SELECT DISTINCT subject_id AS person FROM ledger
    WHERE kind = 'leaver.declared' AND id > ${pause.id} AND ${isOf(connection)}`.execute(tx.db);
  const said = new Set([...rows.map(({ person }) => person), ...pause.words]);
  for (const person of said) await handOutWord(tx, controllers, person, at);
  await handOutRenames(tx.db, controllers, connection, pause);
}

/** When the oldest mark was made that waits for a person of these connections; undefined where none does. */
export async function oldestMark(db: Db, connections: readonly string[]): Promise<string | undefined> {
  if (connections.length === 0) return undefined;
  const whose = sql`IN (${sql.join(connections)})`;
  const { rows } = await sql<{ at: string | null }>`SELECT min(marked_at) AS at FROM (
      SELECT id, marked_at FROM pending WHERE kind = 'user' UNION ALL SELECT id, marked_at FROM dirty WHERE kind = 'user') AS marks
    WHERE EXISTS (SELECT 1 FROM users WHERE users.id = marks.id AND users.connection ${whose})
      OR EXISTS (SELECT 1 FROM tombstones WHERE tombstones.id = marks.id AND tombstones.connection ${whose})`.execute(
    db,
  );
  return rows[0]?.at ?? undefined;
}

/** People of these connections of whom a word of an operator waits for a controller. */
export async function waitingWords(db: Db, connections: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const connection of connections) {
    const { rows } = await sql<{ person: string }>`SELECT DISTINCT subject_id AS person FROM ledger
      WHERE kind = 'leaver.declared' AND subject_id IN (SELECT id FROM pending WHERE kind = 'user' AND request IS NULL)
        AND ${isOf(connection)}`.execute(db);
    for (const { person } of rows) found.add(person);
  }
  return [...found].sort();
}

/** The first pause of a connection that nobody has ended since. */
async function pauseOf(db: Db, connection: string, witness: Witness): Promise<Pause | undefined> {
  const rows = await db
    .selectFrom('ledger')
    .select(['id', 'at', 'body'])
    .where('subject_kind', 'is', null)
    .where('kind', '=', 'sync.paused')
    .where('id', '>', await witness.resumed(db, connection))
    .orderBy('id')
    .execute();
  const first = rows.find(({ body }) => isAbout(connection, body));
  if (first === undefined) return undefined;
  const { id, at, body } = first;
  const { marksSince, words } = parsed(body) as Readonly<Record<string, unknown>>;
  return {
    id,
    marksSince: typeof marksSince === 'string' && marksSince < at ? marksSince : at,
    words: Array.isArray(words) ? words.filter((one) => typeof one === 'string') : [],
  };
}

/** Marks of whoever was called otherwise since, as old as they may be: of interest are the names since a mark. */
async function handOutRenames(
  db: Db,
  controllers: readonly string[],
  connection: string,
  { id, marksSince }: Pause,
): Promise<void> {
  const before = await db
    .selectFrom('ledger')
    .select('id')
    .where('id', '<', id)
    .where('at', '<', marksSince)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  await db.updateTable('counters').set({ value: sql`value + 1` }).where('name', '=', 'dirty').execute();
  const names = rowsOf(
    { controller: 'text' },
    controllers.map((name) => [name]),
  );
  await sql`INSERT INTO pending (controller, kind, id, seq, marked_at, request)
    SELECT named.controller, 'user', renamed.person, counters.value, ${marksSince}, NULL
    FROM ${names} AS named, counters, (SELECT DISTINCT subject_id AS person FROM ledger
      WHERE id > ${before?.id ?? 0} AND ${isRename} AND ${isOf(connection)}) AS renamed
    WHERE counters.name = 'dirty'
    ON CONFLICT (controller, kind, id) DO UPDATE SET seq = excluded.seq,
      marked_at = CASE WHEN excluded.marked_at < pending.marked_at THEN excluded.marked_at ELSE pending.marked_at END`.execute(
    db,
  );
}

/** Whether a record is about somebody of this connection. */
function isOf(connection: string) {
  return sql`(EXISTS (SELECT 1 FROM users WHERE users.id = subject_id AND users.connection = ${connection}) OR
    EXISTS (SELECT 1 FROM tombstones WHERE tombstones.id = subject_id AND tombstones.connection = ${connection}))`;
}
