// Runs in a thread of its own: a long write, or reads, over a connection of its own, statement by statement as it is told.

import { parentPort, workerData } from 'node:worker_threads';
import type { CompiledQuery, QueryResult } from 'kysely';
import { SqliteConnection } from './connection.ts';
import { durable } from './durable.ts';

/** What the thread is for. */
export type Role = 'write' | 'read';

/** A statement; the kind of its node where it is a query of a callback, which is answered. */
export interface Told {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly kind: CompiledQuery['query']['kind'] | undefined;
}

/** Rows as lists, in the order of `names`: half the time of objects on the other side. */
export type Answer =
  | (Omit<QueryResult<unknown>, 'rows'> & { readonly names: readonly string[]; readonly rows: readonly unknown[][] })
  | { readonly message: string; readonly errcode: number | undefined };

let connection: SqliteConnection | undefined;

async function run({ sql, parameters, kind }: Told): Promise<Answer> {
  connection ??= open();
  if (kind === undefined) {
    connection.run(sql);
    return { names: [], rows: [] };
  }
  const query = { sql, parameters, query: { kind } } as unknown as CompiledQuery;
  const { rows, ...rest } = await connection.executeQuery<object>(query);
  return { ...rest, names: Object.keys(rows[0] ?? {}), rows: rows.map((row) => Object.values(row)) };
}

/** Little memory: a page that is written, or looked at, is seldom needed again. */
function open(): SqliteConnection {
  const { path, role } = workerData as { readonly path: string; readonly role: Role };
  const opened = new SqliteConnection(path);
  opened.exec('PRAGMA cache_size = -4000');
  if (role === 'write') return durable(opened);
  opened.exec('PRAGMA query_only = ON');
  return opened;
}

parentPort!.on('message', async (told: Told | 'close') => {
  if (told === 'close') {
    connection?.close();
    parentPort!.close();
    return;
  }
  const answer = await run(told).catch((error: Error & { readonly errcode?: number }): Answer => {
    return { message: error.message, errcode: error.errcode };
  });
  parentPort!.postMessage(answer);
});
