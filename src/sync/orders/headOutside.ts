import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { Keys } from '../../config/keys.ts';
import type { Config } from '../../config/schema.ts';
import type { Acknowledged, AcknowledgedRecord } from '../../ledger/acknowledged.ts';
import { parseAnchors } from '../../ledger/anchors.ts';
import { type SignedHead, signatureHolds } from '../../ledger/head.ts';
import { tampering } from '../../ledger/record.ts';
import { last } from '../../ledger/sealing.ts';
import { textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { putOnHold } from '../lease/onHold.ts';
import type { SyncContext } from '../state/context.ts';
import { partsOf } from '../state/parts.ts';
import { forgetUses } from '../uses/useWatch.ts';

const KIND = 'database.older';
/** Records of a database that is known to be an older one: it went back before they were made. */
const NOTICED = [KIND, 'database.restored', 'ownership.recovered'] as const;

/** A small text that no restore of the database brings back; throws what the file system says. */
export interface Outside {
  /** Undefined where nothing was kept yet. */
  read(): string | undefined;
  write(text: string): void;
}

interface HeadOutsideDeps extends Pick<SyncContext, 'store' | 'recorder' | 'log'> {
  readonly config: Pick<Config, 'controllers'>;
  readonly keys: Pick<Keys, 'heads' | 'ledger'>;
  readonly outside: Outside;
  /** Of the recorders of this process. */
  readonly acknowledged: Acknowledged;
}

/** What a database lacks. */
interface Lacking {
  readonly head?: SignedHead;
  readonly lost: readonly AcknowledgedRecord[];
}

/**
 * The last signed head of the ledger, kept outside of the database, and what this process was told is committed since: one that was put
 * back, by whatever means, or took the place of another, does not hold them, and its directory would bring leavers back (security.md, restore
 * or roll-back). Then every controller waits for `resume`.
 */
export class HeadOutside {
  readonly #deps: HeadOutsideDeps;
  #unkept = false;

  constructor(deps: HeadOutsideDeps) {
    this.#deps = deps;
  }

  /** Whether the database is the one of the head, or what became of it since; a record, once, where it is not. @throws ScimError STORE_* */
  async look(): Promise<void> {
    await this.#compare(this.#deps.acknowledged.all(), this.#head());
  }

  /** The same by what was acknowledged last: one read, before anything is done from what is stored. @throws ScimError STORE_* */
  async lookBack(): Promise<void> {
    await this.#compare(this.#deps.acknowledged.lately());
  }

  async #compare(noted: readonly AcknowledgedRecord[], head?: SignedHead): Promise<void> {
    const { acknowledged, store } = this.#deps;
    if (head === undefined && noted.length === 0) return;
    const lacking = await store.read(async (db, breathe) => ({
      lost: await missing(db, noted, breathe),
      ...(head === undefined || (await isThere(db, head)) ? {} : { head }),
    }));
    if (lacking.head !== undefined || lacking.lost.length > 0) await this.#hold(lacking);
    acknowledged.seen(noted, lacking.lost);
  }

  /** What nobody noticed after it was made. */
  async #unnoticed(db: Kysely<Tables>, { head, lost }: Lacking): Promise<Lacking> {
    const { mac } = this.#deps.keys.ledger;
    const newest = lost.at(-1);
    return {
      lost: newest === undefined || (await isNoticed(db, mac, newest.at)) ? [] : lost,
      ...(head === undefined || (await isNoticed(db, mac, head.at, head)) ? {} : { head }),
    };
  }

  async #hold({ lost: gone, ...lacking }: Lacking): Promise<void> {
    const { store, recorder, log, config } = this.#deps;
    const controllers = config.controllers.map(({ name }) => name);
    // Told of beside what was lost since, it is not told of later.
    const kept = lacking.head ?? this.#head();
    const told = await store.write(async (tx) => {
      const lacks = kept !== undefined && !(await isThere(tx.db, kept));
      // Another process may have noticed it.
      const { head, lost } = await this.#unnoticed(tx.db, { lost: gone, ...(lacks ? { head: kept } : {}) });
      const [first] = lost;
      if (head === undefined && first === undefined) return undefined;
      const found = await last(tx.db);
      await putOnHold(tx.db, controllers);
      await forgetUses(tx);
      const body = {
        ...(head === undefined ? {} : { expected: { seq: head.seq, hash: head.hash, at: head.at } }),
        ...(first === undefined ? {} : { lostSince: first.at }),
        found: { seq: found.seq, hash: found.hash },
        controllers,
      };
      await recorder.record(tx, { kind: KIND, actor: 'sync', body });
      return body;
    });
    if (told === undefined) return;
    const { expected, lostSince, found } = told;
    log.error('the database is older than what was acknowledged: every controller waits for resume', {
      ...(expected === undefined ? {} : { expected: expected.seq, signed: expected.at }),
      ...(lostSince === undefined ? {} : { lostSince }),
      found: found.seq,
    });
  }

  /** Takes the place of the one that was kept. Where it cannot be written, that is told once. */
  keep(head: SignedHead): void {
    const { outside, log } = this.#deps;
    try {
      outside.write(`${JSON.stringify(head)}\n`);
      this.#unkept = false;
    } catch (error) {
      if (!this.#unkept) log.warn('the last head cannot be kept beside the keys', { reason: (error as Error).message });
      this.#unkept = true;
    }
  }

  /** What was kept; one that is not ours, or cannot be read, proves nothing. */
  #head(): SignedHead | undefined {
    const { outside, keys, log } = this.#deps;
    try {
      const text = outside.read();
      if (text === undefined) return undefined;
      const [head] = parseAnchors(text);
      if (head !== undefined && signatureHolds(keys.heads, head)) return head;
      throw new Error('its signature does not fit');
    } catch (error) {
      log.warn('the last head that was kept cannot be used', { reason: (error as Error).message });
      return undefined;
    }
  }
}

async function isThere(db: Kysely<Tables>, { seq, hash }: SignedHead): Promise<boolean> {
  const row = await db.selectFrom('ledger').select('hash').where('seq', '=', seq).executeTakeFirst();
  return row?.hash === hash;
}

/** Those that the ledger does not hold. */
async function missing(
  db: Kysely<Tables>,
  noted: readonly AcknowledgedRecord[],
  breathe: Breathe,
): Promise<readonly AcknowledgedRecord[]> {
  const there = new Set<string>();
  for (const part of partsOf(noted)) {
    const { rows } = await sql<{ uid: string }>`SELECT uid FROM ledger
      WHERE uid IN (${textRows(part.map(({ uid }) => uid))})`.execute(db);
    for (const { uid } of rows) there.add(uid);
    await breathe();
  }
  return noted.filter(({ uid }) => !there.has(uid));
}

/**
 * That something of that time is not there was noticed since, in a record that only the service can have written; or this head by name,
 * where the clock was ahead when it was signed.
 */
async function isNoticed(
  db: Kysely<Tables>,
  mac: Keys['ledger']['mac'],
  at: string,
  head?: SignedHead,
): Promise<boolean> {
  const noticed = await db
    .selectFrom('ledger')
    .selectAll()
    .where('kind', 'in', NOTICED)
    .orderBy('id', 'desc')
    .execute();
  return noticed.some((record) => tampering(mac, record) === undefined && (record.at >= at || names(record, head)));
}

function names({ body }: { readonly body: string }, head: SignedHead | undefined): boolean {
  const { expected } = JSON.parse(body) as { readonly expected?: Pick<SignedHead, 'hash'> };
  return head !== undefined && expected?.hash === head.hash;
}
