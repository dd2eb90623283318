import { type Kysely, sql } from 'kysely';
import { rowsOf } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';
import { partsOf } from '../state/parts.ts';
import { isState } from './leaverStatements.ts';

/** What is left to be done of those who left, where all of it waits for roles, and why. */
export async function tellWaiting(
  db: Kysely<Tables>,
  { controller, identities, live, verdict }: Assessment,
): Promise<void> {
  const { unread } = live.observed;
  if (unread === undefined) return;
  const going = new Set(verdict.go.map(({ person }) => person));
  const waiting = verdict.held.filter(({ step, ceiling }) => ceiling === 'strategy' && !going.has(step.person));
  const kinds = Map.groupBy(waiting, ({ step }) => step.person);
  const owed = identities.owed.filter(({ cause, person }) => cause === 'leaver' && kinds.has(person));
  for (const part of partsOf(owed)) {
    const rows = rowsOf(
      { controller: 'text', person: 'text', folded_id: 'text', missing: 'text', error: 'text' },
      part.map(({ person, foldedId }) => {
        const missing = [...new Set(kinds.get(person)!.map(({ step }) => step.kind))];
        return [controller.name, person, foldedId, JSON.stringify(missing), `${missing.join(', ')}: ${unread}`];
      }),
    );
    await sql`UPDATE debts SET missing = named.missing, error = named.error FROM ${rows} AS named
      WHERE debts.controller = named.controller AND debts.person = named.person AND debts.folded_id = named.folded_id
        AND ${isState(['open'])} AND (debts.missing <> named.missing OR debts.error IS NULL OR debts.error <> named.error)`.execute(
      db,
    );
  }
}
