import { closeSync, fdatasync, openSync } from 'node:fs';
import { refuse } from '../../errors.ts';
import type { SqliteConnection } from './connection.ts';

/** Brings what was written into a file to the disk. @throws what the disk says */
export type Flush = (file: string) => Promise<void>;

/** By a thread of libuv; on macOS it asks the drive, too, as `PRAGMA fullfsync` does. */
export const flushFile: Flush = async (file) => {
  const open = openSync(file, 'r+');
  try {
    await new Promise<void>((resolve, reject) => {
      fdatasync(open, (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    closeSync(open);
  }
};

/** SQLite's error where something is held by others. */
const BUSY = { errcode: 5 };

/**
 * Makes commits durable beside the event loop: SQLite writes them into the log, and the log is flushed here (docs/decisions/016). As long
 * as that lasts, readers see what nobody was told of.
 */
export class Disk {
  readonly #log: string;
  readonly #flush: Flush;
  #unsure = false;

  constructor(path: string, flush: Flush = flushFile) {
    this.#log = `${path}-wal`;
    this.#flush = flush;
  }

  /** Resolves when what was committed before is on the disk. @throws ScimError STORE_UNKNOWN */
  async flushed(): Promise<void> {
    try {
      await this.#flush(this.#log);
    } catch (failure) {
      this.#unsure = true;
      const reason = `the disk did not confirm a commit: ${(failure as Error).message}`;
      throw refuse('STORE_UNKNOWN', { reason }, failure);
    }
  }

  /**
   * After a flush that failed nobody knows which pages of the log the disk has, and a later one says nothing about them: what was committed
   * is written into the file and flushed there, and the log is emptied, before anything else is written. @throws what SQLite does
   */
  mend(connection: SqliteConnection): void {
    if (!this.#unsure) return;
    const [row] = connection.rows<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
    if (row!.busy !== 0) throw Object.assign(new Error('readers hold the log'), BUSY);
    this.#unsure = false;
  }
}
