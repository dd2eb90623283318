import { type Kysely, sql } from 'kysely';
import { GUARD_EVENT_KINDS } from '../../plan/guard/event.ts';
import { among, rowsOf, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { timeOf } from '../clock/trustedTime.ts';
import type { SyncContext } from '../state/context.ts';
import { partsOf, type Work, writeInParts } from '../state/parts.ts';
import { type UnpaidLeaver, unpaidLeavers } from './unpaidLeavers.ts';
import { type UnreachedLeaver, UnreachedLeavers } from './unreached.ts';

type Db = Kysely<Tables>;

/** An unfinished leaver is told of after 1, 15 and 60 minutes, then every hour; one that is held at once, too. */
const ALARMS_MS = [60_000, 900_000, 3_600_000] as const;
const HOUR_MS = 3_600_000;

/** How many alarms are due for somebody who left that long ago. */
export function alarmsDue(age: number): number {
  const hours = Math.max(0, Math.floor(age / HOUR_MS) - 1);
  return ALARMS_MS.filter((after) => age >= after).length + hours;
}

/** An alarm that is due for what is owed. */
interface Due {
  readonly key: string;
  readonly row: UnpaidLeaver;
  readonly due: number;
  readonly ageMs: number;
}

/**
 * Tells of leavers that are not done, and of ids that people gave up, and how long the oldest has waited. Held ones count, and those whom a controller that is down
 * or paused still has before it: nobody may forget them.
 */
export class LeaverWatch {
  readonly #context: SyncContext;
  readonly #unreached: UnreachedLeavers;
  /** Alarms told of those of whom nothing is stored; a new process tells once more. */
  #told: ReadonlyMap<string, number> = new Map();
  /** Alarms told of what is owed, which is not stored yet. */
  readonly #unstored = new Map<string, Due>();

  constructor(context: SyncContext) {
    this.#context = context;
    this.#unreached = new UnreachedLeavers(context.config, context.clock);
  }

  async look(): Promise<void> {
    const { store, clock, meter } = this.#context;
    const now = clock.now();
    const open = await store.read(unpaidLeavers);
    const behind = await store.read((db, breathe) => this.#unreached.look(db, open, breathe));
    const ages = [...open.map((row) => row.received_at), ...behind.map(({ since }) => since)];
    meter.oldestLeaver(Math.max(0, ...ages.map((at) => now - Date.parse(at))) / 1000);
    const due = open.flatMap((row) => this.#due(row, now - Date.parse(row.received_at)));
    const waits = ({ row: { stays, state } }: Due): boolean => stays === 1 && state === 'held';
    for (const one of due) if (!waits(one)) this.#tellOwed(one);
    const waiting = Map.groupBy(due.filter(waits), ({ row }) => row.controller);
    for (const [controller, rows] of waiting) this.#tellWaiting(controller, rows);
    for (const one of due) this.#unstored.set(one.key, one);
    await this.#tellUnreached(behind, now);
    // What is written comes last: while nothing can be stored, everybody is told of all the same.
    await this.#store();
    await forgetOldEvents(this.#context);
  }

  /** With how many alarms are due for it by now, where they are not told yet. */
  #due(row: UnpaidLeaver, ageMs: number): Due[] {
    const due = Math.max(alarmsDue(ageMs), row.state === 'held' ? 1 : 0);
    const key = `${row.controller}\u0000${row.person}\u0000${row.folded_id}\u0000${row.received_at}`;
    return due <= Math.max(row.alarmed, this.#unstored.get(key)?.due ?? 0) ? [] : [{ key, row, due, ageMs }];
  }

  #tellOwed({ row, ageMs }: Due): void {
    const { controller, person, state, error, attempts } = row;
    const fields = { controller, person, state, error, attempts, ageMs };
    if (row.stays === 1) this.#context.log.error('an id that somebody gave up is not done', fields);
    else this.#tell(fields);
  }

  /** Nobody left: many are called otherwise, say, and one line tells of all whose former ids wait. */
  #tellWaiting(controller: string, due: readonly Due[]): void {
    const ageMs = due.reduce((oldest, one) => Math.max(oldest, one.ageMs), 0);
    this.#context.log.error('ids that people gave up wait', { controller, ids: due.length, state: 'held', ageMs });
  }

  async #store(): Promise<void> {
    const parts = partsOf([...this.#unstored.values()]).map((part): Work => {
      const told = rowsOf(
        { controller: 'text', person: 'text', folded_id: 'text', received_at: 'text', due: 'number' },
        part.map(({ row, due }) => [row.controller, row.person, row.folded_id, row.received_at, due]),
      );
      return {
        rows: part.length,
        run: async ({ db }) =>
          void (await sql`UPDATE debts SET alarmed = told.due FROM ${told} AS told
            WHERE debts.controller = told.controller AND debts.person = told.person
              AND debts.folded_id = told.folded_id AND debts.received_at = told.received_at`.execute(db)),
      };
    });
    await writeInParts(this.#context.store, parts);
    this.#unstored.clear();
  }

  async #tellUnreached(behind: readonly UnreachedLeaver[], now: number): Promise<void> {
    const told = new Map<string, number>();
    const fresh: (UnreachedLeaver & { readonly ageMs: number })[] = [];
    for (const leaver of behind) {
      const ageMs = now - Date.parse(leaver.since);
      const key = `${leaver.controller}\u0000${leaver.person}\u0000${leaver.since}`;
      const due = alarmsDue(ageMs);
      if (due > (this.#told.get(key) ?? 0)) fresh.push({ ...leaver, ageMs });
      told.set(key, due);
    }
    const why = fresh.length === 0 ? new Map<string, string>() : await this.#context.store.read(whyBehind);
    this.#told = told;
    for (const { controller, person, paused, unconfigured, ageMs } of fresh) {
      const stays = paused === undefined ? (why.get(controller) ?? null) : `the connection ${paused} is paused`;
      const error = unconfigured === true ? 'it is not configured any more' : stays;
      this.#tell({ controller, person, state: 'waiting', error, ageMs });
    }
  }

  #tell(fields: Readonly<Record<string, unknown>>): void {
    this.#context.log.error('a leaver is not done', fields);
  }
}

/** Why controllers were not looked at, where anything is known of that. */
async function whyBehind(db: Db): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('controllers').select(['name', 'paused', 'on_hold', 'error']).execute();
  return new Map(
    rows.flatMap(({ name, paused, on_hold, error }): [string, string][] => {
      if (on_hold === 1) return [[name, 'it is on hold since a restore']];
      if (paused === 1) return [[name, 'it is paused']];
      return error === null ? [] : [[name, error]];
    }),
  );
}

/** Most events that are forgotten at once. */
const FORGOTTEN = 1_000;

/** Events that no window reaches any more, by a clock that is right: a ceiling must not be had anew for a leap of it. */
async function forgetOldEvents(context: SyncContext): Promise<void> {
  const { store, config } = context;
  const { now, trusted } = await timeOf(context);
  if (!trusted) return;
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
