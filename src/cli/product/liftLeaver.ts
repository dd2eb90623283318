import type { Kysely } from 'kysely';
import type { Transaction } from '../../access/ports/store.ts';
import type { Keys } from '../../config/keys.ts';
import { tampering } from '../../ledger/record.ts';
import type { Tables } from '../../store/tables.ts';
import { handOutWord } from '../../sync/leavers/declared.ts';
import { declaredIn } from './declareLeaver.ts';
import type { Parts } from './parts.ts';

const KIND = 'leaver.lifted';

/** Takes back what `declareLeaver` said: grants return by the rules; what was cut does not. @returns whether there was such a word */
export async function liftLeaver(parts: Parts, person: string): Promise<boolean> {
  return parts.store.write((tx) => lift(parts, tx, person, {}));
}

async function lift(
  { ledger, context, operator }: Pick<Parts, 'ledger' | 'context' | 'operator'>,
  tx: Transaction<Tables>,
  person: string,
  body: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const at = new Date(context.clock.now()).toISOString();
  const controllers = context.config.controllers.map(({ name }) => name);
  const gone = await tx.db.deleteFrom('ordered_leavers').where('person', '=', person).executeTakeFirst();
  if (gone.numDeletedRows === 0n) return false;
  await handOutWord(tx, controllers, person, at);
  await noteReturn(tx, person, at);
  await ledger.record(tx, { kind: KIND, actor: operator, subject: { kind: 'user', id: person }, body });
  return true;
}

/** Who is active at the provider is back by that, as by a push of it: whoever leaves again owes what came in between. */
async function noteReturn({ db }: Transaction<Tables>, person: string, at: string): Promise<void> {
  const back = await db
    .selectFrom('users')
    .select('connection')
    .where('id', '=', person)
    .where('active', '=', 1)
    .executeTakeFirst();
  if (back === undefined) return;
  const said = { request: null, credential: null, kind: 'user.reactivated', detail: '{}' };
  await db
    .insertInto('journal')
    .values({ at, connection: back.connection, subject: person, ...said })
    .execute();
}

/** Of whom a backup says that an operator had them leave, and the database of after it has a record that verifies that this was taken back. */
export async function liftedSince(
  backup: Kysely<Tables>,
  former: Kysely<Tables>,
  mac: Keys['ledger']['mac'],
): Promise<string[]> {
  const still = new Set((await declaredIn(former)).map(({ person }) => person));
  const lifted: string[] = [];
  for (const { person, at } of await declaredIn(backup)) {
    if (still.has(person)) continue;
    const records = await former
      .selectFrom('ledger')
      .selectAll()
      .where('subject_kind', '=', 'user')
      .where('subject_id', '=', person)
      .where('kind', '=', KIND)
      .where('at', '>=', at)
      .execute();
    if (records.some((record) => tampering(mac, record) === undefined)) lifted.push(person);
  }
  return lifted;
}

/** Takes the same words back in a database that was restored. @returns of how many there was one */
export async function liftAgain(
  parts: Pick<Parts, 'ledger' | 'context' | 'operator'>,
  tx: Transaction<Tables>,
  people: readonly string[],
): Promise<number> {
  let lifted = 0;
  for (const person of people) if (await lift(parts, tx, person, { restored: true })) lifted++;
  return lifted;
}
