import type { Kysely } from 'kysely';
import type { StorePort } from '../access/ports/store.ts';
import type { Keys } from '../config/keys.ts';
import { refuse, type ScimError } from '../errors.ts';
import type { Tables } from '../store/tables.ts';
import type { Outside } from './anchors.ts';
import type { SignedHead } from './head.ts';
import { headText, parseHead, signatureHolds } from './head.ts';
import type { Verification } from './ledger.ts';
import { sameValues } from './personal.ts';
import { GENESIS, type LedgerRow, misplacement, tampering } from './record.ts';

const PAGE = 500;

type Checked = LedgerRow & { readonly salt: string | null; readonly content: string | null };

/** One pass over the whole ledger, a page at a time, so that a service goes on beside it. @throws ScimError LED_BROKEN, CLI_USAGE */
export async function verifyLedger(
  store: StorePort<Tables>,
  keys: Pick<Keys, 'ledger' | 'heads'>,
  anchor: string | undefined,
  outside: Outside = {},
): Promise<Verification> {
  const wanted = anchor === undefined ? undefined : parseHead(anchor);
  const anchors = outside.anchors ?? [];
  const { heads, end } = await store.read(async (db) => {
    const strange = await oddity(db);
    if (strange !== undefined) throw strange;
    return { heads: await headsOf(db), end: await sealedCount(db) };
  });
  const signer = { publicKey: outside.publicKey ?? keys.heads.publicKey };
  const unproven = [...anchors, ...heads].find((head) => !signatureHolds(signer, head));
  if (unproven !== undefined) throw broken(unproven.seq, 'the signature of a head does not fit');

  const expected = new Map([...heads, ...anchors].map((head) => [head.seq, head.hash]));
  const forked = [...anchors, ...heads].find((head) => expected.get(head.seq) !== head.hash);
  if (forked !== undefined) throw broken(forked.seq, 'two signed heads name another hash');
  let [seq, previous, anchored] = [0, GENESIS, wanted?.seq === 0 && wanted.hash === GENESIS];
  while (seq < end) {
    const rows = await store.read((db) => page(db, seq));
    if (rows.length === 0) throw broken(seq + 1, 'it is missing');
    for (const row of rows) {
      seq += 1;
      const reason = misplacement(keys.ledger.mac, row, seq, previous) ?? defect(keys, row);
      if (reason !== undefined) throw broken(seq, reason);
      previous = row.hash ?? '';
      if (expected.has(seq) && expected.get(seq) !== previous) throw broken(seq, 'a signed head names another hash');
      if (wanted?.hash === previous && (wanted.seq ?? seq) === seq) anchored = true;
      if (wanted?.seq === seq && wanted.hash !== previous)
        throw broken(seq, 'the head that was given has another hash');
    }
  }
  const beyond = [...expected.keys(), wanted?.seq ?? 0].find((head) => head > seq);
  if (beyond !== undefined) throw broken(seq + 1, `records up to ${beyond} were there and are missing`);
  if (wanted !== undefined && !anchored) throw broken(seq, 'the head that was given is not in the chain');
  return {
    records: seq,
    head: headText(seq, previous),
    heads: heads.length,
    anchors: anchors.length,
    unsealed: await waiting(store, keys),
  };
}

/** Checks what waits for the sealer too: a row that SQL has put there is found at once. */
async function waiting(store: StorePort<Tables>, keys: Pick<Keys, 'ledger'>): Promise<number> {
  const rows = await store.read((db) => rowsOf(db).where('ledger.seq', 'is', null).orderBy('ledger.id').execute());
  for (const row of rows) {
    const displaced = row.hash === null && row.previous === null && row.mac === null;
    const reason = displaced ? defect(keys, row) : 'a sealed record has lost its place';
    if (reason !== undefined) throw broken(0, `${reason} (unsealed record ${row.id})`);
  }
  return rows.length;
}

function defect(keys: Pick<Keys, 'ledger'>, row: Checked): string | undefined {
  const reason = tampering(keys.ledger.mac, row);
  if (reason !== undefined || (row.content === null && row.salt === null)) return reason;
  const kept = sameValues(keys.ledger.personal, String(row.salt), String(row.content), row.digests);
  return kept ? undefined : 'its personal values are not the ones that were recorded';
}

/** What no single record shows: copies, and personal values of nobody. */
async function oddity(db: Kysely<Tables>): Promise<ScimError | undefined> {
  const copied = await db
    .selectFrom('ledger')
    .select(({ fn }) => ['uid', fn.max('seq').as('seq')])
    .groupBy('uid')
    .having(({ fn }) => fn.countAll(), '>', 1)
    .limit(1)
    .executeTakeFirst();
  if (copied !== undefined) return broken(Number(copied.seq ?? 0), 'it is there twice');
  const orphan = await db
    .selectFrom('ledger_personal')
    .leftJoin('ledger', 'ledger.uid', 'ledger_personal.uid')
    .select('ledger_personal.uid')
    .where('ledger.uid', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return orphan === undefined ? undefined : broken(0, 'there are personal values that belong to no record');
}

function headsOf(db: Kysely<Tables>): Promise<SignedHead[]> {
  return db.selectFrom('ledger_heads').selectAll().orderBy('seq').execute();
}

/** Rows with a place, whatever it says: the chain has to be exactly as long. */
async function sealedCount(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom('ledger')
    .select(({ fn }) => fn.count('seq').as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

function page(db: Kysely<Tables>, after: number): Promise<Checked[]> {
  return rowsOf(db).where('ledger.seq', '>', after).orderBy('ledger.seq').limit(PAGE).execute();
}

function rowsOf(db: Kysely<Tables>) {
  return db
    .selectFrom('ledger')
    .leftJoin('ledger_personal', 'ledger_personal.uid', 'ledger.uid')
    .selectAll('ledger')
    .select(['ledger_personal.salt', 'ledger_personal.content']);
}

function broken(seq: number, reason: string): ScimError {
  return refuse('LED_BROKEN', { seq, reason });
}
