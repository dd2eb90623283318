import type { Kysely } from 'kysely';
import type { Reason } from '../../access/reason.ts';
import { markEnds } from '../../credentials/external/marks.ts';
import { changeOf } from '../../ledger/createWitness.ts';
import type { CredentialsTables } from '../../store/tables/credentials.ts';
import type { EntriesTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { partsOf } from '../state/parts.ts';

const PART = 400;
/** Sorts behind every instant. */
const FOREVER = '~';
const GROUP_KINDS = ['group.created', 'group.changed', 'group.renamed'];
/** What was under way to a controller when a credential was marked arrives within so many milliseconds. */
const UNDER_WAY = 60_000;

type Mark = CredentialsTables['compromised'];

/** Whether something may follow from what compromised credentials did. */
export interface Suspects {
  /** What a person gains for these reasons. */
  readonly gain: (person: string, reasons: readonly Pick<Reason, 'rule'>[]) => boolean;
  /** Whether an entry came since then and before the mark: later ones were released. */
  readonly gave: (entry: Pick<EntriesTable, 'person' | 'since' | 'standing' | 'reasons'>) => boolean;
}

/** Whom one credential touched, and whom it took out of groups. */
interface Touched {
  readonly people: ReadonlySet<string>;
  readonly freed: ReadonlySet<string>;
  /** Whom it put into groups that were deleted since, whoever did that: what these gave stands frozen. */
  readonly gone: ReadonlyMap<string, ReadonlySet<string>>;
  readonly since: string;
  readonly until: string;
}

/** @param excepting ids of the rules with `unless`, by which also who is taken out of a group gains */
export async function suspectsOf(
  db: Kysely<Tables>,
  excepting: Pick<ReadonlySet<string>, 'has' | 'size'>,
): Promise<Suspects> {
  const marks = await db.selectFrom('compromised').selectAll().execute();
  const touched: Touched[] = [];
  for (const mark of marks) {
    const until = new Date(Date.parse(mark.marked_at) + UNDER_WAY).toISOString();
    touched.push({ ...(await touchedBy(db, mark, excepting.size > 0)), since: mark.since, until });
  }
  const follows = ({ people, freed }: Touched, person: string, reasons: readonly Pick<Reason, 'rule'>[]): boolean =>
    people.has(person) || (freed.has(person) && reasons.length > 0 && reasons.every(({ rule }) => excepting.has(rule)));
  return {
    gain: (person, reasons) => touched.some((by) => follows(by, person, reasons)),
    gave: ({ person, since: at, standing, reasons }) =>
      standing === 'owned' &&
      person !== null &&
      touched.some((by) => {
        if (at < by.since || at > by.until) return false;
        const carrying = JSON.parse(reasons) as Reason[];
        return follows(by, person, carrying) || isFrozenBy(by, person, carrying);
      }),
  };
}

/** Whether somebody has it by nothing but groups that are gone, into which a credential put them. */
function isFrozenBy({ gone }: Touched, person: string, reasons: readonly Reason[]): boolean {
  return reasons.length > 0 && reasons.every(({ groupId = '' }) => gone.get(groupId)?.has(person) === true);
}

/**
 * People whose gains may follow from what a compromised credential did since then: it put them, or a group they are in, into a
 * group, it made or renamed such a group, or it made, changed or reactivated them; and those it took out of groups. JWTs of an issuer have one name, so what they did
 * counts until their mark and the requests that it found under way.
 */
async function touchedBy(db: Kysely<Tables>, mark: Mark, also: boolean): Promise<Omit<Touched, 'since' | 'until'>> {
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
  const moved = changes.flatMap(({ kind, subject }) => (kind.startsWith('group.') ? [subject] : []));
  const did = { credential, since, until };
  return {
    people,
    freed: also ? await takenOut(db, did, moved) : new Set(),
    gone: await putIntoGone(db, did, moved),
  };
}

/** What a credential did, and when. */
type Did = Pick<Mark, 'credential' | 'since'> & { readonly until: string };

/** Who was taken out of these groups, by way of a group in them, too: the edge is gone, the ledger has it. What somebody forged there makes more wait, not less. */
async function takenOut(db: Kysely<Tables>, did: Did, groups: readonly string[]): Promise<Set<string>> {
  const taken = new Set<string>();
  for (const { removed } of await moves(db, did, groups)) for (const id of removed) taken.add(id);
  // Of what was taken out the groups are not told from the people: no id is of both.
  await addMembers(db, new Set(taken), taken);
  return taken;
}

/** Who was put into those of these groups that are gone, likewise. */
async function putIntoGone(db: Kysely<Tables>, did: Did, groups: readonly string[]): Promise<Touched['gone']> {
  const there = new Set<string>();
  for (const part of partsOf([...new Set(groups)], PART))
    for (const { id } of await db.selectFrom('groups').select('id').where('id', 'in', part).execute()) there.add(id);
  const lost = groups.filter((id) => !there.has(id));
  const gone = new Map(lost.map((id) => [id, new Set<string>()]));
  for (const { group, added } of await moves(db, did, lost)) for (const id of added) gone.get(group)?.add(id);
  for (const inside of gone.values()) {
    // What is added while it is gone through has its turn, too.
    for (const id of inside) for (const nested of gone.get(id) ?? []) inside.add(nested);
    await addMembers(db, new Set(inside), inside);
  }
  return gone;
}

/** Who came into these groups and who went by a credential, as the ledger tells it. */
async function moves(db: Kysely<Tables>, { credential, since, until }: Did, groups: readonly string[]) {
  const found: { group: string; added: readonly string[]; removed: readonly string[] }[] = [];
  for (const part of partsOf([...new Set(groups)], PART)) {
    const records = await db
      .selectFrom('ledger')
      .select(['subject_id as group', 'body'])
      .where('subject_kind', '=', 'group')
      .where('subject_id', 'in', part)
      .where('kind', '=', 'scim.group.members')
      .where('actor', '=', credential)
      .where('at', '>=', since)
      .where('at', '<=', until)
      .execute();
    for (const { group, body } of records) found.push({ group: group!, ...changeOf(body) });
  }
  return found;
}

/** Adds the people in these groups, nested ones included. */
async function addMembers(db: Kysely<Tables>, groups: ReadonlySet<string>, people: Set<string>): Promise<void> {
  const seen = new Set(groups);
  let level = [...groups];
  while (level.length > 0) {
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
