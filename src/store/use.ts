import { existsSync } from 'node:fs';
import { refuse, ScimError } from '../errors.ts';
import { isPostgres } from './postgres/address.ts';
import { exclusively } from './sqlite/alone.ts';
import { databasePath } from './sqlite/file.ts';
import type { Store } from './store.ts';

/** Whether the process behind the holder of a lease lives; unknown counts as living. */
export type Alive = (holder: string) => boolean;

/** Begins the name of a lease that says only that a process serves; no controller can be called so. */
export const SERVES = 'serve:';

/** How far what every change appends to has come. */
interface Progress {
  readonly journal: number;
  readonly ledger: number;
}

/**
 * Whether a process has the file open: a service that is not at work on any controller has no lease, but it has the file. A file that
 * is not there is for whoever opens it to tell. @throws ScimError STORE_COPY
 */
export function requireAlone(url: string): void {
  if (isPostgres(url) || !existsSync(databasePath(url))) return;
  try {
    exclusively(databasePath(url)).release();
  } catch (error) {
    if (!(error instanceof ScimError) || error.code !== 'STORE_OPEN') throw error;
    throw inUse('another process has it open', error);
  }
}

/**
 * Nobody may be at work on it, on whatever machine: a service holds a lease for each controller that it is at work on, and on a server
 * one that says that it serves. Each lasts half a minute where it is not given back. @throws ScimError STORE_COPY
 */
export async function requireIdle({ clock, read }: Pick<Store, 'clock' | 'read'>, alive: Alive): Promise<Progress> {
  return read(async (db) => {
    const leases = await db.selectFrom('leases').selectAll().where('holder', '<>', '').orderBy('controller').execute();
    const now = clock.now();
    const held = leases.find(({ holder, expires_ms }) => expires_ms > now && alive(holder));
    if (held !== undefined) {
      const [machine, process] = held.holder.split('/');
      const seconds = Math.ceil((held.expires_ms - now) / 1000);
      const what = held.controller.startsWith(SERVES) ? 'serves from it' : `has ${held.controller}`;
      throw inUse(`process ${process} on ${machine} ${what} for ${seconds} s, or longer if it runs`);
    }
    const journal = await db
      .selectFrom('journal')
      .select(({ fn }) => fn.max('seq').as('last'))
      .executeTakeFirst();
    const ledger = await db
      .selectFrom('ledger')
      .select(({ fn }) => fn.max('id').as('last'))
      .executeTakeFirst();
    return { journal: Number(journal?.last ?? 0), ledger: Number(ledger?.last ?? 0) };
  });
}

/** @throws ScimError STORE_COPY where something was written since then */
export function requireSame(before: Progress, after: Progress): void {
  if (before.journal !== after.journal || before.ledger !== after.ledger)
    throw inUse('something was written to it meanwhile');
}

function inUse(reason: string, cause?: unknown): Error {
  return refuse('STORE_IN_USE', { reason }, cause);
}
