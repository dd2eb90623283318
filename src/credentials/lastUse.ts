import { instant } from '../access/ports/clock.ts';
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
}: Pick<CredentialsDeps, 'store' | 'clock' | 'log' | 'recorder'>): {
  touch(row: TokensTable): void;
} {
  const touched = new Map<string, number>();
  return {
    touch(row) {
      const now = clock.now();
      const last = Math.max(touched.get(row.id) ?? 0, row.last_used_at === null ? 0 : Date.parse(row.last_used_at));
      if (now - last < LAST_USED_EVERY) return;
      touched.set(row.id, now);
      const at = instant(clock);
      store
        .write(async (tx) => {
          await tx.db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', row.id).execute();
          if (row.last_used_at === null) await noteFirstUse(tx, recorder, row, now);
        })
        .catch((error: Error) =>
          log.warn('last use of a token is not stored', { token: row.id, reason: error.message }),
        );
    },
  };
}
