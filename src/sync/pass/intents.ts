import type { Kysely } from 'kysely';
import type { Step } from '../../plan/step.ts';
import type { Tables } from '../../store/tables.ts';
import type { SyncContext } from '../state/context.ts';
import { partsOf, type Work } from '../state/parts.ts';
import { orderedBy } from './orderedBy.ts';
import type { Run } from './runs.ts';

type Db = Kysely<Tables>;

/** What is stored of a run before it is sent: its steps, in rows of a part each, so that an outcome can be stored in parts too. */
export interface Intended extends Run {
  /** The id the controller is told, and of the first row. */
  readonly intent: string;
  readonly rows: readonly IntentRow[];
}

export interface IntentRow {
  readonly id: string;
  readonly steps: readonly Step[];
}

export function intended(run: Run, id: string): Intended {
  const rows = partsOf(run.steps).map((steps, index) => ({ id: index === 0 ? id : `${id}/${index + 1}`, steps }));
  return { ...run, intent: id, rows };
}

/** The id the controller was told, of any row. */
export function intentOf(row: string): string {
  return row.replace(/\/\d+$/, '');
}

interface Beginning {
  readonly controller: string;
  readonly fence: number;
  /** RFC 3339. */
  readonly at: string;
  /** Whose order it is; absent where the service acts by itself. */
  readonly order?: Pick<SyncContext, 'markOrder'> & { readonly by: string };
}

export function intentWorks(runs: readonly Intended[], { controller, fence, at, order }: Beginning): Work[] {
  const open = { controller, fence, state: 'open' as const, created_at: at, settled_at: null, detail: null };
  return runs.flatMap(({ kind, rows }) =>
    rows.map(({ id, steps }) => ({
      // One row, but a large one.
      rows: Math.ceil(steps.length / 10),
      async run({ db }) {
        const row = { id, kind, ...open, request: requestOf(steps), steps: JSON.stringify(steps) };
        const ordered = order === undefined ? null : orderedBy(row, order.by, order.markOrder);
        await db
          .insertInto('intents')
          .values({ ...row, ordered })
          .execute();
      },
    })),
  );
}

export async function closeIntents(
  db: Db,
  rows: readonly Pick<IntentRow, 'id'>[],
  state: 'verified' | 'failed' | 'unknown',
  now: number,
  detail: string | undefined,
): Promise<void> {
  await db
    .updateTable('intents')
    .set({ state, settled_at: new Date(now).toISOString(), detail: detail ?? null })
    .$if(state !== 'unknown', (query) => query.set({ ordered: null }))
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute();
}

function requestOf(steps: readonly Step[]): string | null {
  for (const { reasons } of steps) for (const { request } of reasons) if (request !== undefined) return request;
  return null;
}
