// Runs in a thread of its own: writes what waits in the log of a database into its file, when it is told to.
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is told; it answers with the same, whatever came of it: the writer looks for itself. */
export type Asked = 'checkpoint' | 'close';

const database = new DatabaseSync(workerData as string, { timeout: 0 });
database.exec('PRAGMA cache_size = -64; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON');
const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

parentPort!.on('message', (asked: Asked) => {
  if (asked === 'close') {
    database.close();
    parentPort!.close();
    return;
  }
  try {
    checkpoint.all();
  } catch {
    // A full or broken disk fails the next commit, which tells; here it is only later.
  }
  parentPort!.postMessage(asked);
});
