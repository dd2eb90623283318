import type { Kysely } from 'kysely';
import type { TokenUsesTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';

/** What was seen at the last look at each controller that was looked at. */
export async function usesSeen(db: Kysely<Tables>) {
  const rows = await db
    .selectFrom('token_uses')
    .selectAll()
    .where('account', 'is not', null)
    .orderBy('controller')
    .execute();
  return rows.map(({ controller, account, counted, tokens, others, others_after, others_before }) => ({
    ...{ controller, account: account!, counted: counted === 1 },
    ...(tokens === null ? {} : { tokens: Object.keys(JSON.parse(tokens) as object).length }),
    ...(others === 0 ? {} : { others: { count: others, after: others_after!, before: others_before! } }),
  }));
}

export function usesRow(db: Kysely<Tables>, controller: string): Promise<TokenUsesTable | undefined> {
  return db.selectFrom('token_uses').selectAll().where('controller', '=', controller).executeTakeFirst();
}
