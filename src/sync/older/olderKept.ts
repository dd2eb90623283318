import { type Kysely, sql } from 'kysely';
import { among, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { forgetLinks } from '../ids/newLinks.ts';
import { operatorOf } from '../pass/outcome.ts';
import type { SyncContext } from '../state/context.ts';
import { PART, partsOf, type Work, writeInParts } from '../state/parts.ts';
import type { OlderLink } from './olderListed.ts';
import { keptRecord } from './olderRecords.ts';

/** People that are stored in one transaction. */
const KEPT = 100;

/** Somebody looked at them, and they stay as they are: they are not told of any more, and the ledger says who said so. */
export async function keepOlder(
  { store, recorder, ...by }: Pick<SyncContext, 'store' | 'recorder' | 'operator'>,
  links: readonly OlderLink[],
): Promise<void> {
  const works = [...Map.groupBy(links, ({ controller }) => controller)].flatMap(([controller, all]) =>
    partsOf(all, KEPT).map(
      (part): Work => ({
        rows: (part.length * PART) / KEPT,
        async run(tx) {
          const there = await stillThere(tx.db, controller, part);
          await forgetLinks(tx.db, controller, [...there]);
          const events = part
            .filter(({ foldedId }) => there.has(foldedId))
            .map((link) => keptRecord(link, operatorOf(by)));
          await recorder.recordAll(tx, events);
        },
      }),
    ),
  );
  await writeInParts(store, works);
}

async function stillThere(db: Kysely<Tables>, controller: string, links: readonly OlderLink[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('new_links')
    .select(['folded_id', 'person'])
    .where('controller', '=', controller)
    .where('found', 'is not', null)
    .where(sql<boolean>`${among(sql.ref('folded_id'), textRows(links.map(({ foldedId }) => foldedId)))}`)
    .execute();
  const owners = new Map(links.map(({ foldedId, person }) => [foldedId, person]));
  return new Set(rows.flatMap((row) => (owners.get(row.folded_id) === row.person ? [row.folded_id] : [])));
}
