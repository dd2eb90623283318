import { statSync } from 'node:fs';
import { instant } from '../../access/ports/clock.ts';
import { ScimError } from '../../errors.ts';
import { contents } from '../contents.ts';
import { requireSchema } from '../migrations/requireSchema.ts';
import type { Store, StoreOptions, StoreParts } from '../store.ts';
import type { Tables } from '../tables.ts';
import { backup } from './backup.ts';
import { Checkpointer } from './checkpointer.ts';
import { SqliteConnection } from './connection.ts';
import { durable, strict } from './durable.ts';
import { Elsewhere } from './elsewhere.ts';
import type { Role } from './elsewhereThread.ts';
import { storeFailed } from './failure.ts';
import { databasePath, prepareFile } from './file.ts';
import { tellUnsoundLog } from './logHeader.ts';
import { LongReaders } from './longReaders.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { type Patience, patiently } from './patience.ts';
import { Readers } from './readers.ts';
import { existing, SameFile } from './sameFile.ts';
import { Writer } from './writer.ts';

type Options = StoreOptions & Required<Pick<StoreOptions, 'migrate' | 'migrations' | 'patience'>>;

/** The embedded engine. @throws as `openStore` */
export async function openSqlite(
  url: string,
  { clock, timers, log, troubles }: Required<StoreParts>,
  options: Options,
): Promise<Store> {
  const path = databasePath(url);
  prepareFile(path);
  tellUnsoundLog(path, log);
  const files = new SameFile(path);
  const same = (): void => files.require();
  const connect = (): SqliteConnection => new SqliteConnection(existing(path), options.observe);
  const open = (): SqliteConnection => {
    same();
    return connect();
  };
  const waiting: Patience = { clock, timers, patience: options.patience };
  await establish(open, waiting, options);
  // The writer's: where it was the last one that was open, SQLite has taken the log away itself.
  const another = (): SqliteConnection => {
    files.requireFile();
    const connection = durable(connect());
    files.noteBeside();
    return connection;
  };
  // The last process to close a database has the whole file for a moment.
  const connection = await patiently(waiting, another).catch((error: unknown) => {
    throw error instanceof ScimError ? error : storeFailed(error);
  });
  const checkpointer = new Checkpointer(path, clock);
  const elsewhere = (role?: Role) => new Elsewhere(existing(path), options.observe, role);
  const readers = new Readers<Tables>({ open, ...waiting });
  const longReaders = new LongReaders<Tables>({
    elsewhere: () => {
      same();
      return elsewhere('read');
    },
    ...waiting,
  });
  const writer = new Writer<Tables>({
    ...{
      connection,
      open: another,
      leaving: () => files.forgetBeside(),
      elsewhere,
      same,
      log,
      troubles,
      checkpointer,
      ...waiting,
    },
  });
  return {
    write: (work, writing) => writer.write(work, writing),
    read: (work, reading) => (reading?.long === true ? longReaders.read(work) : readers.read(work, reading)),
    stamp: (tables) => writer.stamp(tables),
    onElsewhere: () => () => {},
    clock,
    server: async () => undefined,
    status: async () => ({ ...(await readers.read(contents)), bytes: bytes(path) }),
    backup: (file) => backup(open, file, waiting),
    close: async () => {
      // The last one to close a database writes its log into it: that is the writer, whose errors are told.
      await Promise.all([longReaders.close(), readers.close(), checkpointer.close()]);
      await writer.close();
    },
  };
}

/** Write-ahead log and schema, both made by the first process that comes. */
async function establish(open: () => SqliteConnection, waiting: Patience, options: Options): Promise<void> {
  let connection: SqliteConnection | undefined;
  try {
    const first = await patiently(waiting, open);
    connection = first;
    await patiently(waiting, () => first.exec('PRAGMA journal_mode = WAL'));
    await patiently(waiting, () => strict(first));
    const at = instant(waiting.clock);
    if (options.migrate) await patiently(waiting, () => migrate(first, options.migrations, at));
    else requireSchema(await patiently(waiting, () => schemaVersion(first)), options.migrations.at(-1)?.id ?? 0);
  } catch (error) {
    throw error instanceof ScimError ? error : storeFailed(error);
  } finally {
    connection?.close();
  }
}

function bytes(path: string): number {
  return [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}
