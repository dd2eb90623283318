import { canonical } from '../access/canonical.ts';
import { type Clock, instant } from '../access/ports/clock.ts';
import type { Random } from '../access/ports/random.ts';
import type { LedgerEvent } from '../access/ports/recorder.ts';
import type { StorePort, Transaction } from '../access/ports/store.ts';
import type { Keys } from '../config/keys.ts';
import type { Tables } from '../store/tables.ts';
import { Acknowledged } from './acknowledged.ts';
import { createWitness } from './createWitness.ts';
import { completedDepartures } from './departures.ts';
import { signatureHolds, signedHead } from './head.ts';
import { insertAll, insertOne, type Made } from './inserting.ts';
import type { Ledger } from './ledger.ts';
import { digestsOf } from './personal.ts';
import { exported, newestAbout, sealedFrom } from './reading.ts';
import { proofOfNew } from './record.ts';
import { last, newestUnsealed, SEAL_BATCH, SEAL_BATCH_HERE, sealBatch } from './sealing.ts';
import { verifyLedger } from './verifying.ts';

const SALT_BYTES = 16;

interface LedgerDeps {
  readonly store: StorePort<Tables>;
  readonly keys: Pick<Keys, 'ledger' | 'heads'>;
  readonly clock: Clock;
  readonly random: Random;
}

export function createLedger({ store, keys, clock, random }: LedgerDeps): Ledger {
  const acknowledged = new Acknowledged(clock);

  function made(event: LedgerEvent): Made {
    const uid = random.id();
    const values = Object.entries(event.personal ?? {}).filter(([, value]) => value !== undefined);
    const salt = values.length === 0 ? '' : Buffer.from(random.bytes(SALT_BYTES)).toString('hex');
    const text = canonical(Object.fromEntries(values));
    const row = {
      uid,
      at: instant(clock),
      kind: storable(event.kind),
      request: storable(event.request),
      actor: storable(event.actor),
      subject_kind: event.subject?.kind ?? null,
      subject_id: storable(event.subject?.id),
      body: canonical(event.body),
      digests: canonical(digestsOf(keys.ledger.personal, salt, JSON.parse(text))),
    };
    const proven = { ...row, proof: proofOfNew(keys.ledger.mac, row) };
    return values.length === 0 ? { row: proven } : { row: proven, personal: { uid, salt, content: text } };
  }

  async function record(tx: Transaction<Tables>, event: LedgerEvent): Promise<void> {
    const one = made(event);
    await insertOne(tx.db, one);
    tx.afterCommit(() => acknowledged.note(one.row));
  }

  async function recordAll(tx: Transaction<Tables>, events: readonly LedgerEvent[]): Promise<void> {
    const all = events.map(made);
    await insertAll(tx.db, all);
    const newest = all.at(-1);
    if (newest !== undefined) tx.afterCommit(() => acknowledged.note(newest.row));
  }

  async function seal(): Promise<number> {
    const newest = await store.read(newestUnsealed);
    if (newest === undefined) return 0;
    const most = store.far === true ? SEAL_BATCH : SEAL_BATCH_HERE;
    for (let total = 0; ; ) {
      const sealed = await store.write(({ db }) => sealBatch(db, keys.ledger.mac, most));
      total += sealed.records;
      // What is recorded meanwhile is for the next time: under a steady load there would be no end.
      if (sealed.last === undefined || sealed.last >= newest) return total;
    }
  }

  return {
    acknowledged,
    record,
    recordAll,
    seal,

    async signHead() {
      await seal();
      const { seq, hash } = await store.read(last);
      if (seq === 0) return undefined;
      const known = await store.read((db) =>
        db.selectFrom('ledger_heads').selectAll().where('seq', '=', seq).executeTakeFirst(),
      );
      // One that somebody else wrote there stays for `verify` to find, and is not handed out as ours.
      if (known?.hash === hash && signatureHolds(keys.heads, known)) return { ...known };
      const head = signedHead(keys.heads, { seq, hash, at: instant(clock) });
      await store.write(({ db }) =>
        db
          .insertInto('ledger_heads')
          .values(head)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
      return head;
    },

    verify: (head, outside) => verifyLedger(store, keys, head, outside),

    witness: createWitness(keys.ledger),

    departures: (db, person) => completedDepartures(db, keys.ledger.mac, person),

    async records(from, limit) {
      const rows = await store.read((db) => sealedFrom(db, from, limit));
      return rows.map(exported);
    },

    async about(subject, limit) {
      await seal();
      const rows = await store.read((db) => newestAbout(db, subject, limit));
      return rows.map(exported);
    },

    erase(subject, actor) {
      return store.write(async (tx) => {
        const own = tx.db
          .selectFrom('ledger')
          .select('uid')
          .where('subject_kind', '=', subject.kind)
          .where('subject_id', '=', subject.id);
        const { numDeletedRows } = await tx.db.deleteFrom('ledger_personal').where('uid', 'in', own).executeTakeFirst();
        const records = Number(numDeletedRows);
        const told = { kind: 'ledger.erased', subject, body: { records } };
        if (records > 0) await record(tx, actor === undefined ? told : { ...told, actor });
        return records;
      });
    },
  };
}

/** Text that comes back from every engine as it was: no lone surrogates, no NUL. */
function storable(text: string): string;
function storable(text: string | undefined): string | null;
function storable(text: string | undefined): string | null {
  return text?.toWellFormed().replaceAll('\u0000', '\ufffd') ?? null;
}
