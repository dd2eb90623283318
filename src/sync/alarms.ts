import { type Kysely, sql } from 'kysely';
import { GUARD_EVENT_KINDS } from '../plan/guard/event.ts';
import { among, textRows } from '../store/sql/lists.ts';
import type { DebtsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import type { SyncContext } from './context.ts';
import { partsOf, type Work, writeInParts } from './parts.ts';

type Db = Kysely<Tables>;

/** An unfinished leaver is told of after 1, 15 and 60 minutes, then every hour; one that is held at once, too. */
const ALARMS_MS = [60_000, 900_000, 3_600_000] as const;
const HOUR_MS = 3_600_000;

/** How many alarms are due for somebody who left that long ago. */
export function alarmsDue(age: number): number {
  const hours = Math.max(0, Math.floor(age / HOUR_MS) - 1);
  return ALARMS_MS.filter((after) => age >= after).length + hours;
}

/** Tells of leavers that are not done, and how long the oldest has waited. Held ones count: nobody may forget them. */
export async function watchDebts(context: SyncContext): Promise<void> {
  const { store, clock, log, meter } = context;
  const now = clock.now();
  await forgetOldEvents(context, now);
  const open = await store.read(unpaidLeavers);
  const ages = open.map((row) => now - Date.parse(row.received_at));
  meter.oldestLeaver(Math.max(0, ...ages) / 1000);
  for (const [index, row] of open.entries()) {
    const due = Math.max(alarmsDue(ages[index]!), row.state === 'held' ? 1 : 0);
    if (due <= row.alarmed) continue;
    const { controller, person, state, error, attempts } = row;
    log.error('a leaver is not done', { controller, person, state, error, attempts, ageMs: ages[index] });
    await store.write(async ({ db }) => {
      await db
        .updateTable('debts')
        .set({ alarmed: due })
        .where('controller', '=', controller)
        .where('person', '=', person)
        .where('folded_id', '=', row.folded_id)
        .execute();
    });
  }
}

type Alarmed = Pick<
  DebtsTable,
  'controller' | 'person' | 'folded_id' | 'received_at' | 'alarmed' | 'state' | 'error' | 'attempts'
>;

/** What leavers owe, on each controller that was ever owed anything: nobody goes through all debts that are paid. */
async function unpaidLeavers(db: Db): Promise<readonly Alarmed[]> {
  const controllers = sql`WITH RECURSIVE known (name) AS (
    SELECT min(controller) FROM debts
    UNION ALL
    SELECT (SELECT min(controller) FROM debts WHERE controller > known.name) FROM known WHERE known.name IS NOT NULL)
    SELECT name FROM known WHERE name IS NOT NULL`;
  const { rows } = await sql<Alarmed>`
    SELECT controller, person, folded_id, received_at, alarmed, state, error, attempts FROM debts
    WHERE ${among(sql`controller`, controllers)} AND state IN ('open', 'held') AND cause = 'leaver'`.execute(db);
  return rows;
}

/** Most events that are forgotten at once. */
const FORGOTTEN = 1_000;

/** Events that no window reaches any more. */
async function forgetOldEvents({ store, config }: SyncContext, now: number): Promise<void> {
  const before = now - 2 * Math.max(config.guard.losses.window, config.guard.gains.window);
  const old = await store.read((db) =>
    db
      .selectFrom('guard_events')
      .select('id')
      // All of them, so that the index by kind and time is asked.
      .where('kind', 'in', GUARD_EVENT_KINDS)
      .where('at_ms', '<', before)
      .limit(FORGOTTEN)
      .execute(),
  );
  const parts = partsOf(old).map((part): Work => {
    const ids = textRows(part.map(({ id }) => id));
    return {
      rows: part.length,
      run: async ({ db }) =>
        void (await db
          .deleteFrom('guard_events')
          .where(sql<boolean>`${among(sql.ref('id'), ids)}`)
          .execute()),
    };
  });
  await writeInParts(store, parts);
}
