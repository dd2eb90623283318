import { type Kysely, sql } from 'kysely';
import { refuse } from '../../errors.ts';
import type { Ended } from '../../policy/ended.ts';
import type { Tables } from '../../store/tables.ts';
import { LEASE_MS } from '../lease/lease.ts';
import { operatorOf } from '../pass/outcome.ts';
import { storeExpired } from '../pass/prepare.ts';
import type { SyncContext } from '../state/context.ts';
import { highestTime } from './highestTime.ts';

/** Our clock beside the highest time that was ever trusted; times are milliseconds since the epoch. */
export interface ClockState {
  readonly now: number;
  readonly highest: number;
  /** 0 where the clock is not behind. */
  readonly behindMs: number;
  /** Rules for one person that have ended by the highest time and not by the clock: they stay ended. */
  readonly ended: readonly Ended[];
}

type Context = Pick<SyncContext, 'store' | 'clock' | 'policy' | 'recorder' | 'operator'>;

/** @throws ScimError POL_* where the clock is behind and no policy was ever good */
export async function clockState(context: Context): Promise<ClockState> {
  const highest = await context.store.read(highestTime);
  const now = context.clock.now();
  const behindMs = Math.max(0, highest - now);
  const rules = behindMs === 0 ? [] : (await context.policy.current()).endedBy(highest);
  return { now, highest, behindMs, ended: rules.filter(({ until }) => until > now) };
}

/**
 * Takes the present time for right after a wrong jump ahead: time goes on from here. What an `until` has ended by the time that was
 * believed stays ended (semantics §6), also for people who come later, and what was counted or put off in that time is counted and
 * due now. A record. @throws ScimError CLOCK_FINE where the clock is not behind, POL_*
 */
export async function acceptClock(context: Context): Promise<ClockState> {
  const state = await clockState(context);
  const policy = await context.policy.current();
  return context.store.write(async (tx) => {
    const highest = await highestTime(tx.db);
    const now = context.clock.now();
    if (now >= highest) throw refuse('CLOCK_FINE', { reason: seen(highest) });
    const rules = policy.endedBy(highest);
    const keys = rules.map(({ rule }) => `${rule}\u0000`);
    if (keys.length > 0) await storeExpired(tx.db, keys, new Date(now).toISOString());
    await bringBack(tx.db, now);
    await tx.db.updateTable('clock').set({ highest_ms: now }).execute();
    await context.recorder.record(tx, {
      kind: 'clock.accepted',
      actor: operatorOf(context),
      body: { now: new Date(now).toISOString(), highest: new Date(highest).toISOString(), ended: keys.length },
    });
    return { ...state, now, highest, behindMs: highest - now, ended: rules.filter(({ until }) => until > now) };
  });
}

function seen(highest: number): string {
  return highest === 0 ? 'no time was seen yet' : `the highest time seen is ${new Date(highest).toISOString()}`;
}

/** Rows that lie ahead of the accepted time, so that nothing waits for it or counts until then. */
async function bringBack(db: Kysely<Tables>, now: number): Promise<void> {
  await db.updateTable('guard_events').set({ at_ms: now }).where('at_ms', '>', now).execute();
  await sql`DELETE FROM group_counts WHERE at_ms >= ${now} AND EXISTS (SELECT 1 FROM group_counts AS later
    WHERE later.group_id = group_counts.group_id AND later.at_ms > group_counts.at_ms)`.execute(db);
  await db.updateTable('group_counts').set({ at_ms: now }).where('at_ms', '>', now).execute();
  await db.updateTable('owned_roles').set({ empty_since_ms: now }).where('empty_since_ms', '>', now).execute();
  const longest = now + LEASE_MS;
  await db.updateTable('leases').set({ expires_ms: longest }).where('expires_ms', '>', longest).execute();
  const at = new Date(now).toISOString();
  await db
    .updateTable('debts')
    .set({ received_at: at, due_ms: now })
    .where('cause', '=', 'unentitled')
    .where('state', 'in', ['open', 'held'])
    .where('received_at', '>', at)
    .execute();
}
