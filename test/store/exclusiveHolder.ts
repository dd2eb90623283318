import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';

// Takes the whole file again and again for some milliseconds, as the last process to close a database does, until it is killed.
const [path] = process.argv.slice(2);
process.stdout.write('ready\n');
for (;;) {
  try {
    const database = new DatabaseSync(path!, { timeout: 1 });
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT');
      await setTimeout(20);
    } finally {
      database.close();
    }
  } catch {
    // Somebody else has it: that is what the test is about.
  }
  await setTimeout(2);
}
