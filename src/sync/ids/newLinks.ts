import { type Kysely, sql } from 'kysely';
import type { Claim } from '../../plan/identities.ts';
import { runBlind } from '../../store/blind.ts';
import { among, rowsOf, textRows } from '../../store/sql/lists.ts';
import type { ClaimsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';
import { partsOf } from '../state/parts.ts';

type Db = Kysely<Tables>;

/** A claim by which somebody is linked to an id that was not theirs. */
export interface NewLink {
  readonly claim: Claim;
  /** Whose it was, where it was somebody's. */
  readonly former?: { readonly person: string; readonly connection: string };
  /** The former owner neither left nor is called otherwise: whoever can act there still can. */
  readonly taken: boolean;
}

/**
 * Says of a claim that a pass stores whether it links somebody to an id: the first claim on it, or one that was another person's.
 * What it looks at is put together when it is first asked, and no more of it than the pass stores. Pure.
 */
export function linking({
  identities,
  situation,
}: Pick<Assessment, 'identities' | 'situation'>): (claim: Claim) => NewLink | undefined {
  let known: ReadonlyMap<string, ClaimsTable> | undefined;
  let owed: ReadonlySet<string> | undefined;
  return (claim) => {
    if (claim.state !== 'current') return undefined;
    known ??= formerClaims(identities.store, situation.claims);
    const former = known.get(claim.foldedId);
    if (former === undefined) return { claim, taken: false };
    const { person, connection, state } = former;
    if (person === claim.person) return undefined;
    owed ??= new Set(identities.owed.map((debt) => `${debt.person}\u0000${debt.foldedId}`));
    const taken = state === 'current' && !owed.has(`${person}\u0000${claim.foldedId}`);
    return { claim, former: { person, connection }, taken };
  };
}

/** Whether a pass links anybody to an id; looks no further than the first. Pure. */
export function linksAnybody(assessed: Pick<Assessment, 'identities' | 'situation'>): boolean {
  const linkOf = linking(assessed);
  return assessed.identities.store.some((claim) => linkOf(claim) !== undefined);
}

/** By folded id: the stored claims on ids that are about to be stored. At a first look there are none, and everybody is stored. */
function formerClaims(stored: readonly Claim[], claims: readonly ClaimsTable[]): ReadonlyMap<string, ClaimsTable> {
  if (claims.length === 0) return new Map();
  const wanted = new Set(stored.map(({ foldedId }) => foldedId));
  return new Map(claims.flatMap((row) => (wanted.has(row.folded_id) ? [[row.folded_id, row] as const] : [])));
}

/** Stores links with the claims they follow from; the controller is asked about them afterwards. */
export async function putLinks(db: Db, controller: string, links: readonly NewLink[], at: string): Promise<void> {
  if (links.length === 0) return;
  const rows = rowsOf(
    {
      ...{ folded_id: 'text', id: 'text', person: 'text', connection: 'text' },
      ...{ former_person: 'text', former_connection: 'text', taken: 'number' },
    },
    links.map(({ claim: { foldedId, id, person, connection }, former, taken }) => [
      ...[foldedId, id, person, connection, former?.person ?? null, former?.connection ?? null, taken ? 1 : 0],
    ]),
  );
  await sql`INSERT INTO new_links (controller, folded_id, id, person, connection, linked_at, former_person,
      former_connection, taken)
    SELECT ${controller}, folded_id, id, person, connection, ${at}, former_person, former_connection, taken
    FROM ${rows} AS put WHERE true
    ON CONFLICT (controller, folded_id) DO UPDATE SET id = excluded.id, person = excluded.person,
      connection = excluded.connection, linked_at = excluded.linked_at, former_person = excluded.former_person,
      former_connection = excluded.former_connection, taken = excluded.taken, asked_at = NULL, found = NULL`.execute(
    db,
  );
}

/**
 * Folded ids of which it does not matter any more what they held: they are nobody's, of somebody who left, or came back to their
 * owner after everything there was cut. Where the owner came back before anything began, it still matters. Pure.
 */
export function endedLinks(
  { identities, situation }: Pick<Assessment, 'identities' | 'situation'>,
  cancelled: readonly { readonly folded_id: string }[],
): string[] {
  const uncut = new Set(cancelled.map(({ folded_id }) => folded_id));
  const leaving = identities.store.filter(({ state }) => state === 'leaving');
  const owners = leaving.length === 0 ? new Map<string, ClaimsTable>() : formerClaims(leaving, situation.claims);
  const others = leaving.filter(({ foldedId, person }) => (owners.get(foldedId)?.person ?? person) !== person);
  const back = identities.regained.filter(({ foldedId }) => !uncut.has(foldedId));
  return [...identities.release, ...others, ...back].map(({ foldedId }) => foldedId);
}

/** Forgets what ids held before. */
export async function forgetLinks(db: Db, controller: string, foldedIds: readonly string[]): Promise<void> {
  for (const part of partsOf(foldedIds)) {
    const named = sql<boolean>`${among(sql.ref('folded_id'), textRows(part))}`;
    await runBlind(db, db.deleteFrom('new_links').where('controller', '=', controller).where(named));
  }
}
