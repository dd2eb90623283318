import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { Witness } from '../../ledger/witness.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { chunked } from '../state/reading.ts';

type Db = Kysely<Tables>;

/**
 * Those of these people who were in a group when it was deleted, by the records of that: itself, or by way of groups that may be gone
 * since. Who was taken out before is not among them, though no controller was looked at between.
 */
export async function insideLast(
  db: Db,
  witness: Pick<Witness, 'lastMembers'>,
  group: string,
  people: ReadonlySet<string>,
  breathe: Breathe,
): Promise<Set<string>> {
  let open = people;
  const ways = new Set([group]);
  // What is added while it is gone through has its turn, too.
  for (const way of ways) {
    if (open.size === 0) break;
    const members = await witness.lastMembers(db, way, breathe);
    open = open.difference(members);
    if (open.size > 0) for (const nested of await groupsEver(db, [...members], breathe)) ways.add(nested);
  }
  return new Set(people).difference(open);
}

/** Those of these ids of people and groups that are, or were, groups. */
async function groupsEver(db: Db, ids: readonly string[], breathe: Breathe): Promise<readonly string[]> {
  const rows = await chunked(ids, breathe, (part) =>
    db
      .selectFrom('ledger')
      .select('subject_id')
      .distinct()
      .where('subject_kind', '=', 'group')
      .where(sql<boolean>`${among(sql.ref('subject_id'), textRows(part))}`)
      .execute(),
  );
  return rows.flatMap(({ subject_id }) => subject_id ?? []);
}
