import { pushes } from '../../credentials/credentials.ts';
import type { Parts } from './parts.ts';

/** When each connection called last with a valid credential that may write, in milliseconds since the epoch, to five minutes. */
export async function lastHeard({
  credentials,
  store,
}: Pick<Parts, 'credentials' | 'store'>): Promise<Map<string, number>> {
  const issuers = await store.read((db) => db.selectFrom('issuers').selectAll().execute());
  const times = [
    ...(await credentials.list())
      .filter(({ scopes }) => pushes(scopes))
      .map(({ connection, lastUsedAt }) => [connection, lastUsedAt] as const),
    ...issuers.map((row) => [row.connection, row.last_used_at] as const),
  ];
  const heard = new Map<string, number>();
  for (const [connection, at] of times)
    if (connection !== null && at !== null) heard.set(connection, Math.max(heard.get(connection) ?? 0, Date.parse(at)));
  return heard;
}
