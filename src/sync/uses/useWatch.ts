import type { Controller, TokenUses } from '../../access/ports/controller.ts';
import type { Transaction } from '../../access/ports/store.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { ScimError } from '../../errors.ts';
import type { Tables } from '../../store/tables.ts';
import type { SyncContext } from '../state/context.ts';
import { controllerRow } from '../state/stored.ts';
import { noteUses } from './usesNoted.ts';
import { usesRow } from './usesSeen.ts';

/**
 * Compares what a controller counts of the uses of our tokens with what we sent since the last look (security.md, misuse of the
 * controller credential). What is found stays until the tokens that were used are gone.
 * @param context under the lease
 * @param fullAt when everything was compared this time, milliseconds since the epoch; not stored yet
 * @throws ScimError STORE_*, SYNC_LEASE
 */
export async function watchUses(
  context: SyncContext,
  { name, user }: Pick<ControllerConfig, 'name' | 'user'>,
  controller: Controller,
  fullAt: number,
): Promise<void> {
  const own = context.uses(name);
  await own.settle();
  const before = await context.store.read(async (db) => ({
    ended: (await usesRow(db, name))?.ended ?? 0,
    lastFullAt: (await controllerRow(db, name))?.full_ms ?? null,
  }));
  const seen = await askUses(context, controller);
  if (seen === undefined) return;
  const asked = await own.settle();
  const found = await context.store.write((tx) =>
    noteUses(context, tx, { name, user, seen, fullAt, ...before, ended: before.ended + asked }),
  );
  if (found === 0) return;
  context.meter.usedByOthers(name, found);
  context.log.warn('API tokens of the service were used by somebody else', {
    controller: name,
    account: user,
    uses: found,
  });
}

/** For a database that was put back: what was asked of controllers since is not counted in it, so the next look compares nothing. */
export async function forgetUses({ db }: Pick<Transaction<Tables>, 'db'>): Promise<void> {
  await db.updateTable('token_uses').set({ tokens: null }).execute();
}

/** A pass is not worse for it: a proxy may let scripts through that it knows, and not know this one. */
async function askUses({ log }: SyncContext, controller: Controller): Promise<TokenUses | undefined> {
  try {
    return await controller.uses();
  } catch (error) {
    if (!(error instanceof ScimError) || !error.code.startsWith('JEN_')) throw error;
    const { code, message: reason } = error;
    log.warn('a controller did not tell how often API tokens of the service were used', {
      controller: controller.name,
      ...{ code, reason },
    });
    return undefined;
  }
}
