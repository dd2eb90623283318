import { type Kysely, sql } from 'kysely';
import { runBlind } from '../store/blind.ts';
import { prepared, preparedBlind } from '../store/prepared.ts';
import { rowsOf } from '../store/sql/lists.ts';
import type { Tx } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';
import type { DirtyMark } from './facts/facts.ts';
import { inParts } from './inParts.ts';

/** Who has to be looked at again; groups are expanded by the reader, never here (semantics §4). */
export interface Touched {
  readonly users?: Iterable<string>;
  readonly groups?: Iterable<string>;
}

/** Marks in the writer's transaction. A mark that is there keeps its instant and gets a new `seq`. */
export async function mark(tx: Tx, touched: Touched, at: string, request: string): Promise<void> {
  const marks = [
    ...[...(touched.users ?? [])].map((id) => ['user', id] as const),
    ...[...(touched.groups ?? [])].map((id) => ['group', id] as const),
  ];
  await inParts(marks, tx.breathe, (part) => markPart(tx, part, at, request));
}

const nextSeq = preparedBlind<Record<never, never>>((_, db) =>
  db.updateTable('counters').set({ value: sql`value + 1` }).where('name', '=', 'dirty'),
);

const markOne = preparedBlind<{ kind: string; id: string; at: string; request: string }>(
  (value) => sql`INSERT INTO dirty (kind, id, seq, marked_at, request)
    SELECT ${value('kind')}, ${value('id')}, value, ${value('at')}, ${value('request')} FROM counters WHERE name = 'dirty'
    ON CONFLICT (kind, id) DO UPDATE SET seq = excluded.seq, request = excluded.request`,
);

async function markPart(
  tx: Tx,
  marks: readonly (readonly [string, string])[],
  at: string,
  request: string,
): Promise<void> {
  await nextSeq(tx.db, {});
  if (marks.length === 1) {
    const [kind, id] = marks[0]!;
    return markOne(tx.db, { kind, id, at, request });
  }
  const statement = sql`INSERT INTO dirty (kind, id, seq, marked_at, request)
    SELECT kind, id, (SELECT value FROM counters WHERE name = 'dirty'), ${at}, ${request}
      FROM ${rowsOf({ kind: 'text', id: 'text' }, marks)} AS marks
    WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET seq = excluded.seq, request = excluded.request`;
  await runBlind(tx.db, { compile: () => statement.compile(tx.db) });
}

const oldest = prepared<{ limit: number }, Tables['dirty']>((value, db) =>
  db
    .selectFrom('dirty')
    .select(['kind', 'id', 'seq', 'marked_at', 'request'])
    .orderBy('seq')
    .orderBy('kind')
    .orderBy('id')
    .limit(value('limit')),
);

/** The oldest marks. */
export async function dirty(db: Kysely<Tables>, limit: number): Promise<DirtyMark[]> {
  const { rows } = await oldest(db, { limit });
  return rows.map(({ kind, id, seq, marked_at, request }) => ({
    kind,
    id,
    seq,
    markedAt: marked_at,
    ...(request === null ? {} : { request }),
  }));
}

/** Removes these marks unless they were renewed since they were read. */
export async function clear(db: Kysely<Tables>, marks: readonly DirtyMark[]): Promise<void> {
  if (marks.length === 0) return;
  const gone = rowsOf(
    { kind: 'text', id: 'text', seq: 'number' },
    marks.map(({ kind, id, seq }) => [kind, id, seq]),
  );
  const statement = sql`DELETE FROM dirty WHERE (kind, id, seq) IN (SELECT kind, id, seq FROM ${gone} AS gone)`;
  await runBlind(db, { compile: () => statement.compile(db) });
}
