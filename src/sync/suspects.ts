import type { Kysely } from 'kysely';
import { markEnds } from '../credentials/external/marks.ts';
import type { CredentialsTables } from '../store/tables/credentials.ts';
import type { EntriesTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';

const DEPTH = 10;
const PART = 400;
/** Sorts behind every instant. */
const FOREVER = '~';
const GROUP_KINDS = ['group.created', 'group.changed', 'group.renamed'];
/** What was under way to a controller when a credential was marked arrives within so many milliseconds. */
const UNDER_WAY = 60_000;

type Mark = CredentialsTables['compromised'];

/** What may follow from what compromised credentials did. */
interface Suspects {
  readonly people: ReadonlySet<string>;
  /** Whether an entry came since then and before the mark: later ones were released. */
  readonly gave: (entry: Pick<EntriesTable, 'person' | 'since' | 'standing'>) => boolean;
}

/** Nobody where no credential is marked. */
export async function suspectsOf(db: Kysely<Tables>): Promise<Suspects> {
  const marks = await db.selectFrom('compromised').selectAll().execute();
  const touched: { readonly people: ReadonlySet<string>; readonly since: string; readonly until: string }[] = [];
  for (const mark of marks) {
    const until = new Date(Date.parse(mark.marked_at) + UNDER_WAY).toISOString();
    touched.push({ people: await touchedBy(db, mark), since: mark.since, until });
  }
  return {
    people: new Set(touched.flatMap(({ people }) => [...people])),
    gave: ({ person, since: at, standing }) =>
      standing === 'owned' &&
      person !== null &&
      touched.some(({ people, since, until }) => people.has(person) && at >= since && at <= until),
  };
}

/**
 * People whose gains may follow from what a compromised credential did since then: it put them, or a group they are in, into a
 * group, it made or renamed such a group, or it made, changed or reactivated them. JWTs of an issuer have one name, so what they did
 * counts until their mark and the requests that it found under way.
 */
async function touchedBy(db: Kysely<Tables>, mark: Mark): Promise<Set<string>> {
  const people = new Set<string>();
  const groups = new Set<string>();
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
