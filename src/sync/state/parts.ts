import type { StorePort, Transaction } from '../../access/ports/store.ts';
import type { Tables } from '../../store/tables.ts';

/**
 * Most rows that one transaction writes while a reconciler works: whoever else wants to write, through this replica or another,
 * waits for one part and never for the whole.
 */
export const PART = 500;

/** The items in their order, so many together. */
export function partsOf<T>(items: readonly T[], most = PART): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += most) parts.push(items.slice(at, at + most));
  return parts;
}

/** Something that is written, with about how many rows. */
export interface Work {
  readonly rows: number;
  run(tx: Transaction<Tables>): Promise<void>;
}

/** Writes one after another: what is small in one transaction, what is large in several. */
export async function writeInParts(store: Pick<StorePort<Tables>, 'write'>, works: readonly Work[]): Promise<void> {
  let together: Work[] = [];
  let rows = 0;
  const flush = async (): Promise<void> => {
    const part = together;
    together = [];
    rows = 0;
    if (part.length > 0)
      await store.write(async (tx) => {
        for (const work of part) await work.run(tx);
      });
  };
  for (const work of works) {
    if (rows + work.rows > PART) await flush();
    together.push(work);
    rows += work.rows;
  }
  await flush();
}
