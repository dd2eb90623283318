import type { Kysely } from 'kysely';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';

/** Of a debt that begins. */
export const NOTHING_DONE = {
  ...{ credential: null, started_at: null, done_at: null, steps: '[]', missing: '[]', residual: '[]' },
  ...{ attempts: 0, alarmed: 0, error: null, released: 0, unentitled_at: null },
} as const;

/** Debts that begin, whatever was paid there before. */
export async function putDebts(db: Kysely<Tables>, debts: readonly DebtsTable[]): Promise<void> {
  const unique = [...new Map(debts.map((row) => [`${row.person}\u0000${row.folded_id}`, row])).values()];
  await db
    .insertInto('debts')
    .values(unique)
    .onConflict((conflict) =>
      conflict.columns(['controller', 'folded_id', 'person']).doUpdateSet(({ ref }) => ({
        ...NOTHING_DONE,
        ...{ id: ref('excluded.id'), connection: ref('excluded.connection'), cause: ref('excluded.cause') },
        ...{ received_at: ref('excluded.received_at'), request: ref('excluded.request') },
        ...{ state: ref('excluded.state'), due_ms: ref('excluded.due_ms'), steps: ref('excluded.steps') },
        unentitled_at: ref('excluded.unentitled_at'),
      })),
    )
    .execute();
}
