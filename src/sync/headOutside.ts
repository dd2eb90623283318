import type { Kysely } from 'kysely';
import type { Keys } from '../config/keys.ts';
import type { Config } from '../config/schema.ts';
import { parseAnchors } from '../ledger/anchors.ts';
import { type SignedHead, signatureHolds } from '../ledger/head.ts';
import { tampering } from '../ledger/record.ts';
import { last } from '../ledger/sealing.ts';
import type { Tables } from '../store/tables.ts';
import type { SyncContext } from './context.ts';
import { putOnHold } from './onHold.ts';
import { forgetUses } from './useWatch.ts';

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
}

/**
 * The last signed head of the ledger, kept outside of the database: one that was put back, by whatever means, does not hold it, and its
 * directory would bring leavers back (security.md, restore or roll-back). Then every controller waits for `resume`.
 */
export class HeadOutside {
  readonly #deps: HeadOutsideDeps;
  #unkept = false;

  constructor(deps: HeadOutsideDeps) {
    this.#deps = deps;
  }

  /** Whether the database is the one of the head, or what became of it since; a record, once, where it is not. @throws ScimError STORE_* */
  async look(): Promise<void> {
    const { store, recorder, log, config, keys } = this.#deps;
    const expected = this.#head();
    if (expected === undefined || (await store.read((db) => isKnown(db, keys, expected)))) return;
    const controllers = config.controllers.map(({ name }) => name);
    const found = await store.write(async (tx) => {
      // Another process may have noticed it since.
      if (await isKnown(tx.db, keys, expected)) return undefined;
      const { seq, hash } = await last(tx.db);
      await putOnHold(tx.db, controllers);
      await forgetUses(tx);
      const { seq: kept, hash: known, at } = expected;
      const body = { expected: { seq: kept, hash: known, at }, found: { seq, hash }, controllers };
      await recorder.record(tx, { kind: KIND, actor: 'sync', body });
      return seq;
    });
    if (found === undefined) return;
    log.error('the database is older than the head that was kept: every controller waits for resume', {
      ...{ expected: expected.seq, signed: expected.at, found },
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

/** The head is in the chain, or that it is not was noticed after it was signed, in a record that only the service can have written. */
async function isKnown(
  db: Kysely<Tables>,
  { ledger }: Pick<Keys, 'ledger'>,
  { seq, hash, at }: SignedHead,
): Promise<boolean> {
  const row = await db.selectFrom('ledger').select('hash').where('seq', '=', seq).executeTakeFirst();
  if (row?.hash === hash) return true;
  const noticed = await db
    .selectFrom('ledger')
    .selectAll()
    .where('kind', 'in', NOTICED)
    .where('at', '>=', at)
    .orderBy('id', 'desc')
    .execute();
  return noticed.some((record) => tampering(ledger.mac, record) === undefined);
}
