import { type Kysely, sql } from 'kysely';
import type { Claim } from '../plan/identities.ts';
import { runBlind } from '../store/blind.ts';
import { among, rowsOf, textRows } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import type { Assessment } from './assessment.ts';
import { partsOf } from './parts.ts';

type Db = Kysely<Tables>;

/** A claim by which somebody is linked to an id that was not theirs. */
export interface NewLink {
  readonly claim: Claim;
  /** Whose it was, where it was somebody's. */
  readonly former?: { readonly person: string; readonly connection: string };
  /** The former owner neither left nor is called otherwise: whoever can act there still can. */
  readonly taken: boolean;
}

/** The links that a pass makes: first claims on an id, and claims that were another person's. Pure. */
export function linksOf({ identities, situation }: Pick<Assessment, 'identities' | 'situation'>): NewLink[] {
  const linked = identities.store.filter(({ state }) => state === 'current');
  if (linked.length === 0) return [];
  const known = new Map(situation.claims.map((row) => [row.folded_id, row]));
  const owed = new Set(identities.owed.map(({ person, foldedId }) => `${person}\u0000${foldedId}`));
  return linked.flatMap((claim): NewLink[] => {
    const former = known.get(claim.foldedId);
    if (former === undefined) return [{ claim, taken: false }];
    const { person, connection, state } = former;
    if (person === claim.person) return [];
    const taken = state === 'current' && !owed.has(`${person}\u0000${claim.foldedId}`);
    return [{ claim, former: { person, connection }, taken }];
  });
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
  const owners = new Map(situation.claims.map(({ folded_id, person }) => [folded_id, person]));
  const others = identities.store.filter(
    ({ foldedId, person, state }) => state === 'leaving' && (owners.get(foldedId) ?? person) !== person,
  );
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
