import type { TokensTable } from '../store/tables/credentials.ts';
import type { CredentialsDeps } from './deps.ts';
import { noteFirstUse } from './rotationRows.ts';
import { LAST_USED_EVERY } from './tokenRow.ts';

/** Notes when credentials are used, in the background: a request does not wait for it, and does not fail with it. */
export function createLastUse({
  store,
  clock,
  log,
  recorder,
  mayEnd,
}: Pick<CredentialsDeps, 'store' | 'clock' | 'log' | 'recorder' | 'mayEnd'>): {
  touch(row: TokensTable): void;
} {
  const touched = new Map<string, number>();

  /** A first use sets the end of another credential: it is noted when the clock can be trusted. */
  async function note(row: TokensTable, now: number): Promise<void> {
    const first = row.last_used_at === null;
    if (first && (await mayEnd?.()) === false) return;
    await store.write(async (tx) => {
      const last_used_at = new Date(now).toISOString();
      await tx.db.updateTable('tokens').set({ last_used_at }).where('id', '=', row.id).execute();
      if (first) await noteFirstUse(tx, recorder, row, now);
    });
  }

  return {
    touch(row) {
      const [now, monotonic] = [clock.now(), clock.monotonic()];
      if (monotonic - (touched.get(row.id) ?? Number.NEGATIVE_INFINITY) < LAST_USED_EVERY) return;
      if (row.last_used_at !== null && now - Date.parse(row.last_used_at) < LAST_USED_EVERY) return;
      touched.set(row.id, monotonic);
      note(row, now).catch((error: Error) =>
        log.warn('last use of a token is not stored', { token: row.id, reason: error.message }),
      );
    },
  };
}
