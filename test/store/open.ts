import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store, StoreOptions, StoreParts } from '../../src/store/store.ts';
import { alsoSettle } from '../sim/time.ts';

/** A folder of its own for a test, removed after it. */
export function temporaryFolder(t: { after(run: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-store-'));
  // The store of a test is closed after this: its threads may still write there.
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }));
  return folder;
}

/** Makes a migrated, empty database for a test. */
export type Opener = () => Promise<Lent>;

export interface Lent {
  readonly url: string;
  /** Once the store is closed. */
  giveBack(): Promise<void>;
}

let elsewhere: Opener | undefined;

/** From here on this process opens the databases of its tests on another engine: suites run over it by being imported. */
export function openOn(opener: Opener): void {
  elsewhere = opener;
}

/** Which engine `openTestStore` opens. */
export function engine(): 'sqlite' | 'postgres' {
  return elsewhere === undefined ? 'sqlite' : 'postgres';
}

/** Until what was begun on a store has come to an end: a few steps of reading and writing, one after another. */
async function quiet(store: Store): Promise<void> {
  for (let step = 0; step < 4; step++) {
    await systemTimers.sleep(2);
    await store.read((db) => db.selectFrom('clock').selectAll().execute());
    await store.write(async () => {});
  }
}

/** Several handles on one migrated database, as processes have them; closed and removed after the test. */
export async function openTestStores(t: Pick<TestContext, 'after'>, count: number): Promise<Store[]> {
  const lent = elsewhere === undefined ? undefined : await elsewhere();
  const folder = lent === undefined ? mkdtempSync(join(tmpdir(), 'jenkins-scim-store-')) : undefined;
  const url = lent?.url ?? `sqlite:${join(folder!, 'test.db')}`;
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  const stores: Store[] = [];
  for (let n = 0; n < count; n++) stores.push(await openStore(url, parts));
  t.after(async () => {
    for (const store of stores) await store.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    await lent?.giveBack();
  });
  return stores;
}

/** A migrated database of its own for a test, closed and removed after it. Time is real unless given. */
export async function openTestStore(
  t: Pick<TestContext, 'after'>,
  options: StoreOptions & Partial<StoreParts> = {},
): Promise<Store> {
  const { clock = systemClock, timers = systemTimers, log = SILENT, ...rest } = options;
  if (elsewhere !== undefined) {
    const { url, giveBack } = await elsewhere();
    const store = await openStore(url, { clock, timers, log }, rest);
    const settled = alsoSettle(() => quiet(store));
    t.after(async () => {
      settled();
      await store.close();
      await giveBack();
    });
    return store;
  }
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-store-'));
  const store = await openStore(`sqlite:${join(folder, 'test.db')}`, { clock, timers, log }, rest);
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}
