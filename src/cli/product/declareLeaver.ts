import type { Kysely } from 'kysely';
import { OPERATOR } from '../../access/operator.ts';
import type { Transaction } from '../../access/ports/store.ts';
import type { Tables } from '../../store/tables.ts';
import { handOutWord } from '../../sync/leavers/declared.ts';
import type { Parts } from './parts.ts';

/**
 * An operator's word instead of the identity provider's, for one person; it holds until the provider says so too. Of somebody who has
 * left it says that mode and ceilings are not to hold it.
 */
export async function declareLeaver(
  { store, ledger, context, operator }: Parts,
  { id: person, active }: { readonly id: string; readonly active: boolean },
): Promise<void> {
  const at = new Date(context.clock.now()).toISOString();
  const controllers = context.config.controllers.map(({ name }) => name);
  await store.write(async (tx) => {
    if (active)
      await tx.db
        .insertInto('ordered_leavers')
        .values({ person, at })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    await handOutWord(tx, controllers, person, at);
    await ledger.record(tx, {
      kind: 'leaver.declared',
      actor: operator,
      subject: { kind: 'user', id: person },
      body: {},
    });
  });
}

/** Somebody who left by an operator's word, and since when (RFC 3339). */
export interface Declared {
  readonly person: string;
  readonly at: string;
}

/** Of whom an operator said so, and the identity provider does not. */
export function declaredIn(db: Kysely<Tables>): Promise<Declared[]> {
  return db.selectFrom('ordered_leavers').select(['person', 'at']).orderBy('person').execute();
}

/**
 * Says in a database that was restored what had been said in the one it took the place of: no push of the provider does. Whom the
 * restored one does not know gets nothing there. @returns of how many it says so now
 */
export async function declareAgain(
  { ledger, operator, config }: Pick<Parts, 'ledger' | 'operator' | 'config'>,
  tx: Transaction<Tables>,
  declared: readonly Declared[],
): Promise<number> {
  const controllers = config.controllers.map(({ name }) => name);
  let said = 0;
  for (const { person, at } of declared) {
    const known = await tx.db.selectFrom('users').select('id').where('id', '=', person).executeTakeFirst();
    if (known === undefined) continue;
    const { numInsertedOrUpdatedRows: made = 0n } = await tx.db
      .insertInto('ordered_leavers')
      .values({ person, at })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (made === 0n) continue;
    said++;
    // One that was down or paused had it before it, and may still.
    await handOutWord(tx, controllers, person, at);
    await ledger.record(tx, {
      kind: 'leaver.declared',
      actor: operator,
      subject: { kind: 'user', id: person },
      body: { restored: true, since: at },
    });
  }
  return said;
}

/** Records about one person that are looked through. */
const LOOKED_AT = 1_000;

/** Who said that somebody leaves, and when, by the last record of it. */
export async function declaredBy(
  ledger: Pick<Parts['ledger'], 'about'>,
  person: string,
): Promise<{ readonly at: string; readonly by: string } | undefined> {
  const records = await ledger.about({ kind: 'user', id: person }, LOOKED_AT);
  const record = records.find(({ kind }) => kind === 'leaver.declared');
  return record === undefined ? undefined : { at: record.at, by: record.actor ?? OPERATOR };
}
