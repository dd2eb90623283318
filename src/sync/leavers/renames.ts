import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { DirectoryPerson } from '../../plan/identities.ts';
import { among, inTurn, rowsOf, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { chunked, type Whom } from '../state/reading.ts';

type Db = Kysely<Tables>;
type Keys = Pick<DirectoryPerson, 'userName' | 'externalId' | 'email'>;

/** A record of a rename: the SCIM id of whom, and the names before and after as they are kept beside the ledger. */
interface Rename {
  readonly subject_id: string;
  readonly content: string;
}

interface Mark {
  readonly id: string;
  readonly marked_at: string;
}

const KINDS = ['scim.user.changed', 'scim.user.deactivated', 'scim.user.reactivated'];
const NAMES = ['userName', 'externalId', 'emails'];

/** Whether a record of the ledger says that somebody is called otherwise. */
export const isRename = sql<boolean>`(ledger.kind IN (${sql.join(KINDS.map((kind) => sql.lit(kind)))})
  AND (${sql.join(
    NAMES.map((name) => sql`ledger.body LIKE ${sql.lit(`%"${name}"%`)}`),
    sql` OR `,
  )}))`;

/**
 * Records of renames of people who are marked for this controller, no older than their marks. Asked by person, in this order, with the kind
 * of subject in each row: an engine would rather go through the records of everybody.
 */
export async function renamesSince(db: Db, controller: string, whom: Whom, breathe: Breathe): Promise<Rename[]> {
  const marks = await marksOf(db, controller, whom, breathe);
  const since = new Map(marks.map(({ id, marked_at }) => [id, marked_at]));
  const told = await chunked([...since.keys()], breathe, (part) => recordsOf(db, part, since));
  if (told.length === 0) return [];
  const of = new Map(told.map(({ uid, subject_id }) => [uid, subject_id]));
  const kept = await chunked([...of.keys()], breathe, (part) =>
    db
      .selectFrom('ledger_personal')
      .select(['uid', 'content'])
      .where(sql<boolean>`${among(sql.ref('uid'), textRows(part))}`)
      .execute(),
  );
  return kept.map(({ uid, content }) => ({ subject_id: of.get(uid)!, content }));
}

async function marksOf(db: Db, controller: string, whom: Whom, breathe: Breathe): Promise<Mark[]> {
  const all = db
    .selectFrom('pending')
    .select(['id', 'marked_at'])
    .where('controller', '=', controller)
    .where('kind', '=', 'user');
  if (whom === 'all') return all.execute();
  return chunked([...whom], breathe, (part) =>
    all.where(sql<boolean>`${among(sql.ref('id'), textRows(part))}`).execute(),
  );
}

async function recordsOf(
  db: Db,
  people: readonly string[],
  since: ReadonlyMap<string, string>,
): Promise<{ uid: string; subject_id: string }[]> {
  const asked = rowsOf(
    { asked_kind: 'text', asked_id: 'text', asked_at: 'text' },
    people.map((id) => ['user', id, since.get(id) ?? '']),
  );
  const { rows } = await sql<{ uid: string; subject_id: string }>`SELECT ledger.uid, ledger.subject_id
    FROM ${asked} AS asked ${inTurn} ledger ON ledger.subject_kind = asked.asked_kind AND ledger.subject_id = asked.asked_id
      AND ledger.at >= asked.asked_at AND ${isRename}`.execute(db);
  return rows;
}

/** What somebody was called before and after a rename. */
export function keysIn(content: string): Keys[] {
  const { userName, externalId, email, previousUserName, previousExternalId, previousEmail } = JSON.parse(
    content,
  ) as Partial<Record<string, string>>;
  const keys = (name = '', external?: string, mail?: string): Keys => ({
    userName: name,
    ...(external === undefined ? {} : { externalId: external }),
    ...(mail === undefined ? {} : { email: mail }),
  });
  return [
    keys(previousUserName ?? userName, previousExternalId ?? externalId, previousEmail ?? email),
    keys(userName, externalId, email),
  ];
}
