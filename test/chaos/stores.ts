import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { restore } from '../../src/cli/product/restore.ts';
import { KEY_FILE } from '../../src/config/loadKeys.ts';
import type { Config } from '../../src/config/schema.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { engine, openTestStores } from '../store/open.ts';

const COUNT = 3;

/** Handles on one database, as processes have them; where it is a file, a backup of it can be put back. */
export interface Stores {
  readonly handles: Store[];
  /** Absent on a server, where that is `pg_restore`. */
  readonly backups?: {
    /** @returns where it is */
    make(): Promise<string>;
    /** All handles are closed and opened anew; `copied`: by other means than the command. */
    putBack(file: string, config: Config, copied: boolean): Promise<void>;
  };
}

/** @param keys the text of a key file */
export async function openStores(
  t: { after(run: () => unknown): void },
  folder: string,
  keys: string,
): Promise<Stores> {
  if (engine() !== 'sqlite') return { handles: await openTestStores(t, COUNT) };
  const path = join(folder, 'chaos.db');
  const database = `sqlite:${path}`;
  const keyFolder = join(folder, 'keys');
  mkdirSync(keyFolder, { mode: 0o700 });
  writeFileSync(join(keyFolder, KEY_FILE), keys, { mode: 0o600 });
  const handles: Store[] = [];
  const open = async (): Promise<void> => {
    const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
    for (let n = 0; n < COUNT; n++) handles.push(await openStore(database, parts));
  };
  const close = async (): Promise<void> => {
    for (const store of handles.splice(0)) await store.close();
  };
  await open();
  t.after(close);
  let made = 0;
  const make = async (): Promise<string> => {
    const file = join(folder, `backup-${++made}.db`);
    await handles[0]!.backup(file);
    return file;
  };
  const putBack = async (file: string, config: Config, copied: boolean): Promise<void> => {
    await close();
    if (copied) {
      for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
      copyFileSync(file, path);
    } else await restore({ ...config, database, keys: keyFolder }, file, { operator: 'ops' });
    await open();
  };
  return { handles, backups: { make, putBack } };
}
