import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../access/ports/clock.ts';
import type { Random } from '../../access/ports/random.ts';
import type { StorePort } from '../../access/ports/store.ts';
import type { Timer, Timers } from '../../access/ports/timers.ts';
import { prepared } from '../../store/prepared.ts';
import type { Tables } from '../../store/tables.ts';

/** How long a lease lasts without renewal. */
export const LEASE_MS = 30_000;

/** One that ends later was taken by a clock that has been set back since: it says nothing of how long somebody is silent. */
const LATEST_MS = 2 * LEASE_MS;

/** How often the holder renews it while it works. */
export const RENEW_MS = LEASE_MS / 3;

/** How often whoever does not have it asks for it. */
export const NO_LEASE_MS = 2_000;

/**
 * The right to write to one controller; `fence` is higher than any given before, also by a database that a backup or an older standby
 * took the place of since: it is the time in milliseconds at which it was taken, or one more than the last one.
 */
export interface Lease {
  readonly controller: string;
  readonly holder: string;
  /** Whoever holds it may raise it (`raiseFence`). */
  fence: number;
  /** Milliseconds by the injected clock. */
  expiresAt: number;
  /** What was sent under a lower fence may still be under way: by somebody who did not give it back, or by its holder, who gave it up. */
  overtook: boolean;
  /** The fence that the controller was told, where one below it may still be under way. */
  told?: number;
}

/** Names a process, and tells whether another one that is named still lives; unknown counts as living. */
export interface Holder {
  readonly name: string;
  alive(name: string): boolean;
}

/** A name that is never given twice: machine, process, nonce. */
export function holderName(machine: string, pid: number, random: Random): string {
  return `${machine}/${pid}/${random.id()}`;
}

/**
 * Takes the lease, or renews the one that is held: a free, expired or orphaned one gets a new fence, the held one keeps it. Who does not know of
 * the lease that it has takes it anew.
 * @returns undefined where another living process holds it
 */
export async function takeLease(
  store: StorePort<Tables>,
  clock: Clock,
  holder: Holder,
  controller: string,
  held?: Pick<Lease, 'fence'>,
): Promise<Lease | undefined> {
  return store.write(async ({ db }) => {
    const now = clock.now();
    const expiresAt = now + LEASE_MS;
    const row = await db.selectFrom('leases').selectAll().where('controller', '=', controller).executeTakeFirst();
    if (row === undefined) {
      const fence = now;
      await db.insertInto('leases').values({ controller, holder: holder.name, fence, expires_ms: expiresAt }).execute();
      return { controller, holder: holder.name, fence, expiresAt, overtook: false };
    }
    const own = row.holder === holder.name;
    const lasts = row.expires_ms > now && row.expires_ms <= now + LATEST_MS;
    if (!own && lasts && holder.alive(row.holder)) return undefined;
    const renewed = own && row.fence === held?.fence;
    const fence = renewed ? row.fence : Math.max(row.fence + 1, now);
    await db
      .updateTable('leases')
      .set({ holder: holder.name, fence, expires_ms: expiresAt })
      .where('controller', '=', controller)
      .execute();
    return { controller, holder: holder.name, fence, expiresAt, overtook: !own && row.holder !== '' };
  });
}

/**
 * A higher fence for the same lease, after a call that was given up: once the controller was told of it, that call is refused where it
 * arrives late. Does nothing where somebody else has the lease by now.
 */
export async function raiseFence(store: StorePort<Tables>, clock: Clock, lease: Lease): Promise<void> {
  const { controller, holder, fence } = lease;
  const raised = Math.max(fence + 1, clock.now());
  await store.write(async ({ db }) => {
    const { numUpdatedRows } = await db
      .updateTable('leases')
      .set({ fence: raised })
      .where('controller', '=', controller)
      .where('holder', '=', holder)
      .where('fence', '=', fence)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    // Within the transaction: a renewal that comes right after it renews this one.
    lease.fence = raised;
    lease.overtook = true;
  });
}

const heldRow = prepared<Pick<Lease, 'controller' | 'holder' | 'fence'>, { fence: number }>((value, db) =>
  db
    .selectFrom('leases')
    .select('fence')
    .where('controller', '=', value('controller'))
    .where('holder', '=', value('holder'))
    .where('fence', '=', value('fence'))
    .limit(sql.lit(1)),
);

/** Whether nobody took it, or gave it back, since; who holds it still may go on past its end. */
export async function isHeld(db: Kysely<Tables>, { controller, holder, fence }: Lease): Promise<boolean> {
  const { rows } = await heldRow(db, { controller, holder, fence });
  return rows.length > 0;
}

/**
 * Gives the lease back; the fence stays, so that the next one is higher. Where the controller was not told of it, and something may still be
 * under way, whoever comes next has to tell it.
 */
export async function releaseLease(store: StorePort<Tables>, lease: Lease): Promise<void> {
  if (lease.overtook && lease.told !== lease.fence) return letGo(store, lease);
  await store.write(async ({ db }) => {
    await db
      .updateTable('leases')
      .set({ holder: '', expires_ms: 0 })
      .where('controller', '=', lease.controller)
      .where('holder', '=', lease.holder)
      .execute();
  });
}

/** Lets whoever comes next take it at once, as from somebody who is silent: what was sent may still be under way. */
export async function letGo(store: StorePort<Tables>, { controller, holder, fence }: Lease): Promise<void> {
  await store.write(async ({ db }) => {
    await db
      .updateTable('leases')
      .set({ expires_ms: 0 })
      .where('controller', '=', controller)
      .where('holder', '=', holder)
      .where('fence', '=', fence)
      .execute();
  });
}

/** What keeping a lease needs. */
export interface Keeping {
  readonly store: StorePort<Tables>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly holder: Holder;
}

/**
 * Works while this process holds the lease, renewed however long it takes, and gives it back; somebody whose lease was taken all the
 * same is stopped by the fence. A worker of this process, or another order, is somebody else: none takes it from another.
 * @returns undefined, without any work, where somebody living holds it
 */
export async function whileHeld<T>(
  { store, clock, timers, random, holder }: Keeping,
  controller: string,
  work: (lease: Lease) => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const own = { ...holder, name: `${holder.name}/${random.id()}` };
  const lease = await takeLease(store, clock, own, controller);
  if (lease === undefined) return undefined;
  let over = false;
  let renewal: Promise<void> = Promise.resolve();
  let timer: Timer;
  const renew = (): void => {
    timer = timers.after(RENEW_MS, () => {
      renewal = takeLease(store, clock, own, controller, lease).then(
        () => undefined,
        () => undefined,
      );
      void renewal.then(() => {
        if (!over) renew();
      });
    });
  };
  renew();
  try {
    return { value: await work(lease) };
  } finally {
    over = true;
    timer!.cancel();
    await renewal;
    await releaseLease(store, lease);
  }
}
