import { refuse, ScimError } from '../../errors.ts';
import type { SyncContext } from '../state/context.ts';
import type { Memory } from '../state/memory.ts';
import type { Breaker } from './breaker.ts';
import { isOpen } from './breaker.ts';

/** Stores and tells why a controller could not be worked on; the next reading takes it back. */
export async function noteProblem(
  context: SyncContext,
  controller: string,
  memory: Memory,
  error: unknown,
  breaker: Breaker,
): Promise<void> {
  const { log, meter, clock, store } = context;
  const now = clock.now();
  const known = error instanceof ScimError;
  const code = known ? error.code : 'BUG';
  const message = error instanceof Error ? error.message : String(error);
  const retryInMs = Math.max(0, Math.ceil(breaker.until - clock.monotonic()));
  const fields = { controller, code, message, failures: breaker.failures, retryInMs };
  if (known) log.warn('a controller could not be worked on', fields);
  else log.error('a bug', { ...fields, stack: error instanceof Error ? error.stack : undefined });
  memory.troubled = true;
  const waiting = await store.write(async ({ db }) => {
    const values = { error: `${code}: ${message}`, error_ms: now };
    await db
      .insertInto('controllers')
      .values({ name: controller, paused: 0, on_hold: 0, ...values })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
      .execute();
    const row = await db
      .selectFrom('pending')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('controller', '=', controller)
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  });
  meter.controller(controller, { open: isOpen(breaker, clock.monotonic()), waiting });
}

/** Tells that another authorization strategy is in force: whoever left is cut off, and everything else is left alone. */
export async function noteUnread(context: SyncContext, controller: string, memory: Memory): Promise<void> {
  const error = refuse('JEN_STRATEGY', { controller, reason: memory.observed?.unread ?? '' });
  const until = context.clock.monotonic() + context.config.sync.fingerprintEvery;
  await noteProblem(context, controller, memory, error, { failures: 1, until });
}

/**
 * Stores what was learnt when the controller was read: that a problem is over, and where everything was compared (`full` is when) what it is
 * like. A hot path that met no problem before stores nothing.
 */
export async function noteRead(context: SyncContext, controller: string, memory: Memory, full?: number): Promise<void> {
  const { capabilities, observed } = memory;
  if (observed?.unread !== undefined)
    return full === undefined && memory.troubled ? undefined : noteUnread(context, controller, memory);
  context.meter.controller(controller, { open: false, waiting: 0 });
  if (full === undefined && memory.troubled !== true) return;
  const well = { error: null, error_ms: null };
  await context.store.write(async ({ db }) => {
    if (full === undefined) {
      await db.updateTable('controllers').set(well).where('name', '=', controller).execute();
      return;
    }
    const values = {
      ...well,
      full_ms: full,
      ...(capabilities === undefined
        ? {}
        : { capabilities: JSON.stringify(capabilities), probed_ms: capabilities.readAt }),
      ...(observed === undefined ? {} : { fingerprint: observed.fingerprint, session: observed.session }),
    };
    await db
      .insertInto('controllers')
      .values({ name: controller, paused: 0, on_hold: 0, ...values })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
      .execute();
  });
  memory.troubled = false;
}
