import { type Kysely, sql } from 'kysely';
import { among, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { partsOf } from '../state/parts.ts';

type Db = Kysely<Tables>;

/**
 * Since when people have been gone who left (RFC 3339): by the provider's word, the first one after they came back last, or by an
 * operator's. A mark that brings somebody here may be older: it keeps the instant of the first change that nobody has looked at.
 */
export async function goneSince(db: Db, people: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const since = new Map<string, string>();
  for (const part of partsOf([...new Set(people)])) {
    for (const { subject, kind, at } of await switches(db, part)) {
      if (kind === 'user.reactivated') since.delete(subject);
      else if (!since.has(subject)) since.set(subject, at);
    }
    for (const { person, at } of await ordered(db, part)) {
      const known = since.get(person);
      if (known === undefined || at < known) since.set(person, at);
    }
  }
  return since;
}

function switches(db: Db, people: readonly string[]) {
  return db
    .selectFrom('journal')
    .select(['subject', 'kind', 'at'])
    .where(sql<boolean>`${among(sql.ref('subject'), textRows(people))}`)
    .where('kind', 'in', ['user.deactivated', 'user.deleted', 'user.reactivated'])
    .orderBy('seq')
    .execute();
}

function ordered(db: Db, people: readonly string[]) {
  return db
    .selectFrom('ordered_leavers')
    .select(['person', 'at'])
    .where(sql<boolean>`${among(sql.ref('person'), textRows(people))}`)
    .execute();
}
