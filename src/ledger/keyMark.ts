import type { Kysely } from 'kysely';
import { seal } from '../access/canonical.ts';
import { type Clock, instant } from '../access/ports/clock.ts';
import type { StorePort } from '../access/ports/store.ts';
import type { Keys } from '../config/keys.ts';
import { refuse } from '../errors.ts';
import { tableNames } from '../store/sql/catalogue.ts';
import type { Tables } from '../store/tables.ts';
import { signatureHolds } from './head.ts';
import { tampering } from './record.ts';

/** Rows that are looked at where there is no mark: one that SQL put there does not make the keys foreign. */
const LOOKED_AT = 20;

type Sealing = Pick<Keys, 'ledger' | 'heads'>;

/** Tells keys apart, and nothing about them: an HMAC under one over an HMAC under another and the public key. */
export function keyMark({ ledger, heads }: Sealing): string {
  const publicKey = heads.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return seal(ledger.mac, {
    purpose: 'key mark',
    personal: seal(ledger.personal, { purpose: 'key mark' }),
    heads: publicKey,
  });
}

/** Whether nothing was ever sealed under keys: only then may new ones be made. A schema older than marks has none. */
export async function nothingSealed(db: Kysely<Tables>): Promise<boolean> {
  if ((await markOf(db)) !== undefined) return false;
  const token = await db.selectFrom('tokens').select('id').limit(1).executeTakeFirst();
  const record = await db.selectFrom('ledger').select('uid').limit(1).executeTakeFirst();
  return token === undefined && record === undefined;
}

/** @throws ScimError KEY_FOREIGN where the database was started with other keys than those at `path` */
export async function requireOwnKeys(db: Kysely<Tables>, keys: Sealing, path: string): Promise<void> {
  const mark = await markOf(db);
  const own = mark === undefined ? await sealedWith(db, keys) : mark === keyMark(keys);
  if (!own) throw refuse('KEY_FOREIGN', { path });
}

/**
 * Takes the keys for those of the database, once: with the first start, or, in a database that is older than marks, if what was
 * sealed last was sealed with them. Of two processes that start together with different keys one is refused.
 * @throws ScimError KEY_FOREIGN
 */
export async function claimKeys({
  store,
  keys,
  path,
  clock,
}: {
  readonly store: StorePort<Tables>;
  readonly keys: Sealing;
  readonly path: string;
  readonly clock: Clock;
}): Promise<void> {
  const marked = await store.read(async (db) => {
    await requireOwnKeys(db, keys, path);
    return (await markOf(db)) !== undefined;
  });
  if (marked) return;
  await store.write(async ({ db }) => {
    await requireOwnKeys(db, keys, path);
    if ((await markOf(db)) !== undefined) return;
    await db
      .insertInto('key_marks')
      .values({ id: 1, mark: keyMark(keys), since: instant(clock) })
      .execute();
  });
}

async function markOf(db: Kysely<Tables>): Promise<string | undefined> {
  if (!(await tableNames(db)).includes('key_marks')) return undefined;
  return (await db.selectFrom('key_marks').select('mark').where('id', '=', 1).executeTakeFirst())?.mark;
}

/** Whether some of the newest records and heads were made with these keys, if there are any. */
async function sealedWith(db: Kysely<Tables>, keys: Sealing): Promise<boolean> {
  const records = await db.selectFrom('ledger').selectAll().orderBy('id', 'desc').limit(LOOKED_AT).execute();
  const heads = await db.selectFrom('ledger_heads').selectAll().orderBy('seq', 'desc').limit(LOOKED_AT).execute();
  const recorded = records.length === 0 || records.some((row) => tampering(keys.ledger.mac, row) === undefined);
  return recorded && (heads.length === 0 || heads.some((head) => signatureHolds(keys.heads, head)));
}
