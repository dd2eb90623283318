import type { Clock } from '../../access/ports/clock.ts';
import type { Timers } from '../../access/ports/timers.ts';
import type { ServerState } from '../serverState.ts';
import type { PostgresConnection } from './connection.ts';
import { tellFrom } from './hints.ts';
import { CHANNEL, NOW } from './transaction.ts';

/** Milliseconds in which a hint of our own comes back if any does. */
const ECHO_MS = 2_000;

const LOOK = `SELECT current_setting('server_version') AS version, current_setting('synchronous_commit') AS sync,
  current_setting('full_page_writes') AS pages,
  has_column_privilege('ledger', 'body', 'UPDATE') OR has_table_privilege('ledger', 'DELETE')
    OR has_table_privilege('ledger', 'TRUNCATE') AS rewrite, ${NOW} AS now`;

interface StateParts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Another connection, for the hint. */
  readonly open: () => Promise<PostgresConnection>;
}

/** Looks at the server on a connection of its own, which the caller closes. */
export async function serverState(
  connection: PostgresConnection,
  { clock, timers, open }: StateParts,
): Promise<ServerState> {
  const heard = new Promise<boolean>((resolve) => {
    const timer = timers.after(ECHO_MS, () => resolve(false), { keepAlive: true });
    connection.onNotification((payload) => {
      if (payload !== 'doctor') return;
      timer.cancel();
      resolve(true);
    });
  });
  await connection.script(`LISTEN ${CHANNEL}`);
  await tellFrom(open, 'doctor');
  const [found] = await connection.script(LOOK);
  const readAt = clock.now();
  const { version, sync, pages, rewrite, now } = (found?.rows[0] ?? {}) as Record<string, string | number>;
  return {
    version: String(version),
    synchronousCommit: String(sync),
    fullPageWrites: pages === 'on',
    mayRewriteLedger: rewrite === 1,
    hints: await heard,
    time: Number(now),
    readAt,
  };
}
