import { type Kysely, sql } from 'kysely';
import { runBlind } from '../store/blind.ts';
import { preparedBlind } from '../store/prepared.ts';
import { rowsOf } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import type { Recorded } from './record.ts';

type Db = Kysely<Tables>;

/** A record before it is stored. */
export interface Made {
  readonly row: Recorded & { readonly proof: string };
  readonly personal?: Tables['ledger_personal'];
}

const insertRecord = preparedBlind<Made['row']>((value, db) =>
  db.insertInto('ledger').values({
    uid: value('uid'),
    at: value('at'),
    kind: value('kind'),
    request: value('request'),
    actor: value('actor'),
    subject_kind: value('subject_kind'),
    subject_id: value('subject_id'),
    body: value('body'),
    digests: value('digests'),
    proof: value('proof'),
  }),
);

const insertPersonal = preparedBlind<Tables['ledger_personal']>((value, db) =>
  db.insertInto('ledger_personal').values({ uid: value('uid'), salt: value('salt'), content: value('content') }),
);

export async function insertOne(db: Db, { row, personal }: Made): Promise<void> {
  await insertRecord(db, row);
  if (personal !== undefined) await insertPersonal(db, personal);
}

/** The same of many by two statements, in their order. */
export async function insertAll(db: Db, all: readonly Made[]): Promise<void> {
  if (all.length === 0) return;
  const records = all.map(({ row }) => row);
  await insertTexts(db, 'ledger', RECORD, records);
  const personal = all.flatMap((one) => one.personal ?? []);
  if (personal.length > 0) await insertTexts(db, 'ledger_personal', PERSONAL, personal);
}

const RECORD = [
  ...(['uid', 'at', 'kind', 'request', 'actor', 'subject_kind'] as const),
  ...(['subject_id', 'body', 'digests', 'proof'] as const),
] as const;
const PERSONAL = ['uid', 'salt', 'content'] as const;

async function insertTexts<K extends string>(
  db: Db,
  table: 'ledger' | 'ledger_personal',
  names: readonly K[],
  rows: readonly Readonly<Record<K, string | null>>[],
): Promise<void> {
  const types = Object.fromEntries(names.map((name) => [name, 'text' as const]));
  const cells = rows.map((row) => names.map((name) => row[name]));
  const columns = sql.join(names.map((name) => sql.ref(name)));
  const insert = sql`INSERT INTO ${sql.table(table)} (${columns})
    SELECT ${columns} FROM ${rowsOf(types, cells)} AS made WHERE true`;
  await runBlind(db, { compile: () => insert.compile(db) });
}
