import type { Kysely } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { IdStrategy } from '../../access/principal.ts';
import { foldId } from '../../access/principal.ts';
import type { IdentityConfig } from '../../config/schema.ts';
import type { Claim, DirectoryPerson } from '../../plan/identities.ts';
import { mappedId } from '../../plan/identity.ts';
import type { ClaimsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { Whom } from '../state/reading.ts';
import { claimsOf } from '../state/stored.ts';
import { keysIn, renamesSince } from './renames.ts';

type Db = Kysely<Tables>;

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
  const renames = await renamesSince(db, controller, whom, breathe);
  if (renames.length === 0) return [];
  const known = new Map(people.map((person) => [person.id, person]));
  const had = new Map<string, Claim>();
  for (const { subject_id, content } of renames) {
    const person = known.get(subject_id);
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
  { controller, claims, ids }: Asked,
  had: readonly Claim[],
): Promise<ReadonlyMap<string, ClaimsTable>> {
  const wanted = new Set(had.map(({ foldedId }) => foldedId));
  const more = wanted.size === 0 ? [] : await claimsOf(db, controller, new Set(), [...wanted]);
  return new Map([...claims, ...more].map((row) => [foldId(row.id, ids), row]));
}
