import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';

// Writes until it is killed and prints each key once its write has been acknowledged.
const [url, prefix] = process.argv.slice(2);
const store = await openStore(url!, { clock: systemClock, timers: systemTimers, log: SILENT });
let next = 0;
async function client(): Promise<void> {
  for (;;) {
    const key = `${prefix}${next++}`;
    await store.write(async ({ db }) => {
      await db.insertInto('expired').values({ key, at: 'now' }).execute();
    });
    process.stdout.write(`${key}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, client));
