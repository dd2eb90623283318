// Runs in a thread of its own: writes what waits in the log of a database into its file, and flushes the log, when it is told to.
import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is told. */
export type Asked = 'checkpoint' | 'flush' | 'close';
/** What it answers, whatever came of it: the writer looks for itself. */
export type Answered = Exclude<Asked, 'close'>;

const path = workerData as string;
const database = new DatabaseSync(path, { timeout: 0 });
database.exec('PRAGMA cache_size = -64; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON');
const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

function run(asked: Answered): void {
  if (asked === 'checkpoint') checkpoint.all();
  else {
    const log = openSync(`${path}-wal`, 'r');
    try {
      fdatasyncSync(log);
    } finally {
      closeSync(log);
    }
  }
}

parentPort!.on('message', (asked: Asked) => {
  if (asked === 'close') {
    database.close();
    parentPort!.close();
    return;
  }
  try {
    run(asked);
  } catch {
    // A full or broken disk fails the next commit, which tells; here it is only later.
  }
  parentPort!.postMessage(asked);
});
