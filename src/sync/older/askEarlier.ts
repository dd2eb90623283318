import { type Kysely, sql } from 'kysely';
import { newLinks } from '../../store/migrations/013-new-links.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { leased } from '../lease/leased.ts';
import { leaverOrderWaits } from '../orders/commands.ts';
import type { Tally } from '../orders/orderedRun.ts';
import { leavingMarks } from '../pace/urgency.ts';
import { operatorOf } from '../pass/outcome.ts';
import { partsOf, type Work, writeInParts } from '../state/parts.ts';
import type { Site } from '../state/site.ts';
import { allClaims, claimsOf } from '../state/stored.ts';
import { askOlder } from './older.ts';
import { ASKED, askedRecord } from './olderRecords.ts';

type Db = Kysely<Tables>;

/**
 * Asks what ids hold that people were linked to at any time, as if they were linked now: those of before the service asked by itself, and
 * those that somebody looked at already. What is listed stays as it is. Without a person, of everybody.
 * @returns why not all of them were asked about; the next pass over everybody goes on with the rest
 */
export async function askEarlier(site: Site, tally: Tally, person: string | undefined): Promise<string | undefined> {
  const { controller, lease, memory } = site;
  const context = leased(site.context, lease);
  const { store, recorder } = context;
  const { name } = controller;
  const claims = await store.read((db, breathe) =>
    person === undefined ? allClaims(db, name, breathe) : claimsOf(db, name, new Set([person]), [], breathe),
  );
  const ids = claims.flatMap(({ folded_id, state }) => (state === 'current' ? [folded_id] : []));
  const works = partsOf(ids).map((part): Work => ({ rows: part.length, run: ({ db }) => putEarlier(db, name, part) }));
  memory.unasked = true;
  await writeInParts(store, works);
  const someoneLeft = async (): Promise<boolean> =>
    (await store.read((db) => leavingMarks(db, name))).length > 0 || leaverOrderWaits(store, name);
  const { asked, left } = await askOlder(context, controller, someoneLeft);
  memory.unasked = left !== undefined;
  tally.verified += asked;
  if (left === undefined)
    await store.write((tx) => recorder.record(tx, askedRecord(name, person, asked, operatorOf(context))));
  return left;
}

/** By claims as they are when it is written; since when they were linked is what the claim says. */
async function putEarlier(db: Db, controller: string, foldedIds: readonly string[]): Promise<void> {
  await sql`INSERT INTO new_links (controller, folded_id, id, person, connection, linked_at, taken)
    SELECT controller, folded_id, id, person, connection, since, 0 FROM claims
    WHERE controller = ${controller} AND state = 'current' AND ${among(sql.ref('folded_id'), textRows(foldedIds))}
    ON CONFLICT (controller, folded_id) DO NOTHING`.execute(db);
}

/** Ids of a controller that people were linked to before the service asked by itself, where nobody had it asked about all since. */
export async function neverAsked(db: Db): Promise<readonly { readonly controller: string; readonly ids: number }[]> {
  const { rows } = await sql<{ controller: string; ids: number }>`SELECT controller, count(*) AS ids FROM claims
    WHERE state = 'current' AND since < (SELECT applied_at FROM schema_migrations WHERE id = ${newLinks.id})
      AND NOT EXISTS (SELECT 1 FROM ledger WHERE subject_kind = 'controller' AND subject_id = claims.controller
        AND kind = ${ASKED})
    GROUP BY controller ORDER BY controller`.execute(db);
  return rows.map(({ controller, ids }) => ({ controller, ids: Number(ids) }));
}
