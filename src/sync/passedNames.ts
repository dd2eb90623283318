import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../access/ports/store.ts';
import type { IdStrategy } from '../access/principal.ts';
import { foldId } from '../access/principal.ts';
import type { IdentityConfig } from '../config/schema.ts';
import type { Claim, DirectoryPerson } from '../plan/identities.ts';
import { mappedId } from '../plan/identity.ts';
import { among, textRows } from '../store/sql/lists.ts';
import type { ClaimsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import { chunked, type Whom } from './reading.ts';
import { claimsOf } from './stored.ts';

type Db = Kysely<Tables>;
type Keys = Pick<DirectoryPerson, 'userName' | 'externalId' | 'email'>;

interface Asked {
  readonly controller: string;
  readonly whom: Whom;
  readonly people: readonly Omit<DirectoryPerson, 'active'>[];
  readonly claims: readonly ClaimsTable[];
  readonly identity: IdentityConfig;
  readonly ids: IdStrategy;
}

/**
 * Ids that somebody had between two looks and has no more: whoever logged in by such a name may have made a token there. Each rename is
 * recorded with the names before and after in its own transaction; of interest are those since the mark that waits for this
 * controller. An id that is somebody else's by now is not among them, nor is one whose record was erased.
 */
export async function passedNames(db: Db, asked: Asked, breathe: Breathe): Promise<readonly Claim[]> {
  const { controller, whom, people, identity, ids } = asked;
  const renames =
    whom === 'all'
      ? await renamesSince(db, controller)
      : await chunked([...whom], breathe, (part) => renamesSince(db, controller, part));
  if (renames.length === 0) return [];
  const known = new Map(people.map((person) => [person.id, person]));
  const had = new Map<string, Claim>();
  for (const { subject_id, content } of renames) {
    const person = subject_id === null ? undefined : known.get(subject_id);
    if (person === undefined) continue;
    const now = mappedId(person, identity);
    const folded = now === undefined ? undefined : foldId(now, ids);
    for (const keys of keysIn(content)) {
      const { id: owner, connection } = person;
      const id = mappedId({ id: owner, connection, ...keys }, identity);
      const foldedId = id === undefined ? undefined : foldId(id, ids);
      if (id === undefined || foldedId === undefined || foldedId === folded) continue;
      had.set(`${owner}\u0000${foldedId}`, { foldedId, id, person: owner, connection, state: 'leaving' });
    }
  }
  const owners = await ownersOf(db, asked, [...had.values()]);
  return [...had.values()].filter(({ foldedId, person }) => {
    const owner = owners.get(foldedId);
    // What is theirs by a claim that stands is given up like any other id.
    return owner === undefined || (owner.person === person && owner.state === 'leaving');
  });
}

async function ownersOf(
  db: Db,
  { controller, claims }: Asked,
  had: readonly Claim[],
): Promise<ReadonlyMap<string, ClaimsTable>> {
  const wanted = new Set(had.map(({ foldedId }) => foldedId));
  const more = wanted.size === 0 ? [] : await claimsOf(db, controller, new Set(), [...wanted]);
  return new Map([...claims, ...more].map((row) => [row.folded_id, row]));
}

interface Rename {
  readonly subject_id: string | null;
  readonly content: string;
}

const KINDS = ['scim.user.changed', 'scim.user.deactivated', 'scim.user.reactivated'];

/** Records of renames of people who are marked for this controller, no older than their marks. */
async function renamesSince(db: Db, controller: string, people?: readonly string[]): Promise<Rename[]> {
  const { rows } = await sql<Rename>`SELECT ledger.subject_id, ledger_personal.content FROM pending
    JOIN ledger ON ledger.subject_kind = 'user' AND ledger.subject_id = pending.id AND ledger.at >= pending.marked_at
      AND ledger.kind IN (${sql.join(KINDS.map((kind) => sql.lit(kind)))})
    JOIN ledger_personal ON ledger_personal.uid = ledger.uid AND ledger_personal.content LIKE '%"previous%'
    WHERE pending.controller = ${controller} AND pending.kind = 'user'
      ${people === undefined ? sql`` : sql`AND ${among(sql.ref('pending.id'), textRows(people))}`}
    ORDER BY ledger.id`.execute(db);
  return rows;
}

/** What somebody was called before and after a rename. */
function keysIn(content: string): Keys[] {
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
