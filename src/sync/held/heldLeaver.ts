import type { Kysely } from 'kysely';
import { isLeaverStep, type Step } from '../../plan/step.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';

type Row = Pick<DebtsTable, 'controller' | 'person' | 'id' | 'state'>;

/** What holds everything that somebody who left owes by this row, for a certificate; undefined where nothing does. */
export async function heldLeaver(db: Kysely<Tables>, row: Row): Promise<string | undefined> {
  if (row.state !== 'held') return undefined;
  const held = await db
    .selectFrom('held')
    .select(['step', 'ceiling', 'reason', 'state'])
    .where('controller', '=', row.controller)
    .where('state', '!=', 'released')
    .where('step', 'like', `%"person":"${row.person}"%`)
    .orderBy('step_key')
    .execute();
  const own = held.find(({ step }) => isOf(JSON.parse(step) as Step, row));
  if (own === undefined) return undefined;
  const { ceiling, reason, state } = own;
  const refused = state === 'rejected' ? ', and a release was refused' : '';
  return `everything: held by ${ceiling}, ${reason}${refused}; \`leaver USER --now\` lets it go`;
}

function isOf(step: Step, { person, id }: Row): boolean {
  return isLeaverStep(step) && step.person === person && step.principal.id === id;
}
