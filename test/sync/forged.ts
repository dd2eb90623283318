import type { LedgerTable } from '../../src/store/tables/ledger.ts';
import type { SyncWorld } from './world.ts';

/** Puts a record into the ledger as somebody can who has the database, and no key. */
export async function forge(
  { store, context }: SyncWorld,
  row: Pick<LedgerTable, 'kind' | 'subject_kind' | 'subject_id' | 'body'> & { readonly actor?: string },
): Promise<void> {
  const at = new Date(context.clock.now()).toISOString();
  const own = { uid: context.random.id(), at, request: null, digests: '{}', proof: '0'.repeat(64) };
  await store.write(({ db }) =>
    db
      .insertInto('ledger')
      .values({ actor: 'sync', ...own, ...row })
      .execute(),
  );
}
