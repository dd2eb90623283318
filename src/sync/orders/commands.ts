import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../access/ports/clock.ts';
import type { Log } from '../../access/ports/log.ts';
import type { Random } from '../../access/ports/random.ts';
import type { StorePort } from '../../access/ports/store.ts';
import type { Timers } from '../../access/ports/timers.ts';
import { prepared } from '../../store/prepared.ts';
import type { CommandsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';

/** What a person asks of the holder of a lease; the same value is executed at once where nobody holds it. */
export type Order = (
  | { readonly kind: 'apply'; readonly saved?: unknown; readonly allowLoss?: string }
  | { readonly kind: 'sync'; readonly person?: string }
  | { readonly kind: 'leaver'; readonly person: string }
  /** The ids of somebody who left are given free although what is owed there is not paid (semantics §1). */
  | { readonly kind: 'release-id'; readonly person: string }
  /** What ids hold that somebody, or anybody, was linked to before that was asked. */
  | { readonly kind: 'ask-older'; readonly person?: string }
  /** What somebody's ids held before they were linked to them is revoked. */
  | { readonly kind: 'revoke-older'; readonly person: string }
) & {
  /** Who asks, as the ledger says it; absent from a command line of before. */
  readonly by?: string;
};

/** Whether steps that wait are let go, so that others may have nothing to wait for any more. */
export const isRelease = (order: Order): boolean => order.kind === 'apply' && order.allowLoss !== undefined;

export interface Command {
  readonly id: string;
  readonly controller: string;
  readonly order: Order;
}

/** What the mark of an order covers. */
interface Marked {
  readonly id: string;
  readonly controller: string;
  readonly kind: string;
  readonly body: object;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

/** Makes the mark of an order, under a key outside of the database: who can only write there orders nothing. */
export type MarkOrder = (order: Marked) => string;

/** Whoever asked has gone by then: one that comes later was put there again. */
const STALE_MS = 7_200_000;

const POLL_MS = 25;

/** Stores an order and waits until the holder has answered, so many milliseconds at most. @returns the holder's answer, or undefined when none came in time */
export async function ask(
  deps: { store: StorePort<Tables>; clock: Clock; timers: Timers; random: Random; markOrder: MarkOrder },
  controller: string,
  order: Order,
  patience: number,
): Promise<unknown> {
  const { store, clock, timers, random, markOrder } = deps;
  const id = random.id();
  const until = clock.monotonic() + patience;
  const { kind, ...said } = order;
  const created = clock.now();
  const body = { ...said, mark: markOrder({ id, controller, kind, body: said, created }) };
  await store.write(async ({ db }) => {
    const row = { id, controller, kind, body: JSON.stringify(body), result: null, created_ms: created, done_ms: null };
    await db
      .insertInto('commands')
      .values({ ...row, state: 'waiting' })
      .execute();
  });
  for (;;) {
    await timers.sleep(POLL_MS);
    const told = await store.read((db) => answerTo(db, id));
    if (told !== undefined) return told.value;
    if (clock.monotonic() > until) break;
  }
  return store.write(async ({ db }) => {
    const gone = await db.deleteFrom('commands').where('id', '=', id).where('state', '=', 'waiting').executeTakeFirst();
    if (gone.numDeletedRows > 0n) return undefined;
    // The answer may have come since the last look.
    const told = await answerTo(db, id);
    return told === undefined ? { error: 'it was begun and has not answered yet' } : told.value;
  });
}

/** What the holder answered, once it has. */
async function answerTo(db: Kysely<Tables>, id: string): Promise<{ readonly value: unknown } | undefined> {
  const row = await db.selectFrom('commands').select(['state', 'result']).where('id', '=', id).executeTakeFirst();
  return row?.state === 'done' || row?.state === 'failed' ? { value: JSON.parse(row.result ?? 'null') } : undefined;
}

const oneWaiting = prepared<Record<never, never>, { id: string }>((_, db) =>
  db.selectFrom('commands').select('id').where('state', '=', 'waiting').limit(sql.lit(1)),
);

/** Whether anything waits; a cheap look before a write is begun. */
export async function anyWaiting(store: StorePort<Tables>): Promise<boolean> {
  const { rows } = await store.read((db) => oneWaiting(db, {}), { atOnce: true });
  return rows.length > 0;
}

/** Whether somebody was ordered to leave a controller at once. */
export async function leaverOrderWaits(store: StorePort<Tables>, controller: string): Promise<boolean> {
  const row = await store.read((db) =>
    db
      .selectFrom('commands')
      .select('id')
      .where('controller', '=', controller)
      .where('state', '=', 'waiting')
      .where('kind', '=', 'leaver')
      .limit(1)
      .executeTakeFirst(),
  );
  return row !== undefined;
}

/** Takes the oldest waiting command of a controller, of one kind where that is given. What bears no mark of ours is refused. */
export async function nextCommand(
  deps: { store: StorePort<Tables>; clock: Clock; log: Log; markOrder: MarkOrder },
  controller: string,
  kind?: Order['kind'],
): Promise<Command | undefined> {
  const { store, clock, log } = deps;
  if (!(await anyWaiting(store))) return undefined;
  const { refused, command } = await store.write(async ({ db }) => {
    const refused: string[] = [];
    for (;;) {
      const row = await db
        .selectFrom('commands')
        .selectAll()
        .where('controller', '=', controller)
        .where('state', '=', 'waiting')
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
        .orderBy('created_ms')
        .limit(1)
        .executeTakeFirst();
      if (row === undefined) return { refused };
      const order = orderIn(row, deps.markOrder, clock.now());
      const become = order === undefined ? { ...FOREIGN, done_ms: clock.now() } : { state: 'running' as const };
      await db.updateTable('commands').set(become).where('id', '=', row.id).execute();
      if (order !== undefined) return { refused, command: { id: row.id, controller, order } };
      refused.push(row.kind);
    }
  });
  for (const one of refused) log.error('an order in the database is not ours', { controller, kind: one });
  return command;
}

const FOREIGN = {
  state: 'failed' as const,
  result: JSON.stringify({
    error: 'the order bears no mark of this service: give it by a command line of the same version, with the same keys',
  }),
};

/** The order in a row; undefined where somebody else wrote it, changed it, or put it there again. */
function orderIn(row: CommandsTable, markOrder: MarkOrder, now: number): Order | undefined {
  const { id, controller, kind, created_ms: created } = row;
  try {
    const { mark, ...body } = JSON.parse(row.body) as Record<string, unknown>;
    const ours = mark === markOrder({ id, controller, kind, body, created });
    return ours && Math.abs(now - created) <= STALE_MS ? ({ kind, ...body } as Order) : undefined;
  } catch {
    return undefined;
  }
}

/** Stores the answer; answers older than a day are forgotten. */
export async function answer(
  deps: { store: StorePort<Tables>; clock: Clock },
  command: Command,
  result: { readonly failed: boolean; readonly value: unknown },
): Promise<void> {
  const now = deps.clock.now();
  await deps.store.write(async ({ db }) => {
    await db
      .updateTable('commands')
      .set({ state: result.failed ? 'failed' : 'done', result: JSON.stringify(result.value), done_ms: now })
      .where('id', '=', command.id)
      .execute();
    await db
      .deleteFrom('commands')
      .where('done_ms', '<', now - 86_400_000)
      .execute();
  });
}

/** A crashed holder may have left orders running: whoever comes next fails them, because their effect is settled by reading. */
export async function abandonRunning(
  { store, clock }: { readonly store: StorePort<Tables>; readonly clock: Clock },
  controller: string,
): Promise<void> {
  const result = JSON.stringify({ error: 'the service stopped while it worked on this; look at `jenkins-scim plan`' });
  await store.write(async ({ db }) => {
    await db
      .updateTable('commands')
      .set({ state: 'failed', result, done_ms: clock.now() })
      .where('controller', '=', controller)
      .where('state', '=', 'running')
      .execute();
  });
}
