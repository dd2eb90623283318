import type { Kysely } from 'kysely';
import { heldUntil } from '../../plan/guard/ceiling.ts';
import { isLeaverStep, type Step } from '../../plan/step.ts';
import type { DebtsTable, HeldTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';

type Row = Pick<DebtsTable, 'controller' | 'folded_id' | 'person' | 'id' | 'state' | 'cause'>;

/** What holds everything that somebody owes by this row, who left or is called otherwise, for a certificate; undefined where nothing does. */
export async function heldLeaver(db: Kysely<Tables>, row: Row): Promise<string | undefined> {
  if (row.state !== 'held') return undefined;
  const { controller, folded_id } = row;
  const beside = db.selectFrom('debts').select(['person', 'id']).where('controller', '=', controller);
  const others = await beside
    .where('folded_id', '=', folded_id)
    .where('state', '=', 'held')
    .where('person', '!=', row.person)
    .orderBy('person')
    .execute();
  // Of several who owe at one id, what waits there is stored once, and is of one of them.
  let own: HeldTable | undefined;
  for (const owing of [row, ...others]) own ??= await heldOf(db, { ...owing, controller });
  if (own === undefined) return undefined;
  const { ceiling, reason, state, digest } = own;
  const refused = state === 'rejected' ? ', and a release was refused' : '';
  return `everything: held by ${ceiling}, ${reason}${refused}${wayOut(row, ceiling, digest)}`;
}

/** Of who left, the one person; of who is called otherwise, all who wait for the same. */
function wayOut({ cause }: Row, ceiling: string, digest: string): string {
  if (cause !== 'old-id') return '; `leaver USER --now` lets it go';
  return heldUntil(ceiling) === 'release' ? `; \`quarantine release ${digest.slice(0, 12)}\` lets all of it go` : '';
}

type Owing = Pick<Row, 'controller' | 'person' | 'id'>;

async function heldOf(db: Kysely<Tables>, owing: Owing): Promise<HeldTable | undefined> {
  const held = await db
    .selectFrom('held')
    .selectAll()
    .where('controller', '=', owing.controller)
    .where('state', '!=', 'released')
    .where('step', 'like', `%"person":"${owing.person}"%`)
    .orderBy('step_key')
    .execute();
  return held.find(({ step }) => isOf(JSON.parse(step) as Step, owing));
}

function isOf(step: Step, { person, id }: Owing): boolean {
  return isLeaverStep(step) && step.person === person && step.principal.id === id;
}
