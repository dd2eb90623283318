import type { Kysely } from 'kysely';
import { markEnds } from '../credentials/external/marks.ts';
import type { Tables } from '../store/tables.ts';

const DEPTH = 10;
const PART = 400;
/** Sorts behind every instant. */
const FOREVER = '~';
const GROUP_KINDS = ['group.created', 'group.changed', 'group.renamed'];

/**
 * People whose gains may follow from what a compromised credential did since then: it put them, or a group they are in, into a
 * group, it made or renamed such a group, or it made, changed or reactivated them. Nobody where no credential is marked. JWTs of an
 * issuer have one name, so what they did counts until their mark and the requests that it found under way.
 */
export async function suspectsOf(db: Kysely<Tables>): Promise<Set<string>> {
  const marks = await db.selectFrom('compromised').selectAll().execute();
  const people = new Set<string>();
  const groups = new Set<string>();
  for (const mark of marks) {
    const { credential, since } = mark;
    const until = markEnds(mark) ?? FOREVER;
    const edges = await db
      .selectFrom('members')
      .select(['member_id', 'kind'])
      .where('credential', '=', credential)
      .where('since', '>=', since)
      .where('since', '<=', until)
      .execute();
    for (const { member_id: id, kind } of edges) (kind === 'User' ? people : groups).add(id);
    const changes = await db
      .selectFrom('journal')
      .select(['kind', 'subject'])
      .distinct()
      .where('credential', '=', credential)
      .where('at', '>=', since)
      .where('at', '<=', until)
      .execute();
    for (const { kind, subject } of changes)
      if (kind.startsWith('user.')) people.add(subject);
      else if (GROUP_KINDS.includes(kind)) groups.add(subject);
  }
  await addMembers(db, groups, people);
  return people;
}

/** Adds the people in these groups, nested ones included. */
async function addMembers(db: Kysely<Tables>, groups: ReadonlySet<string>, people: Set<string>): Promise<void> {
  const seen = new Set(groups);
  let level = [...groups];
  for (let depth = 0; level.length > 0 && depth <= DEPTH; depth++) {
    const next: string[] = [];
    for (let at = 0; at < level.length; at += PART) {
      const part = level.slice(at, at + PART);
      const rows = await db.selectFrom('members').select(['member_id', 'kind']).where('group_id', 'in', part).execute();
      for (const { member_id: id, kind } of rows)
        if (kind === 'User') people.add(id);
        else if (!seen.has(id)) {
          seen.add(id);
          next.push(id);
        }
    }
    level = next;
  }
}
