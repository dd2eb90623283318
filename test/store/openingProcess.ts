import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';

// Opens the database once told to, so that several can start together.
const [url] = process.argv.slice(2);
process.stdout.write('ready\n');
process.stdin.once('data', async () => {
  const store = await openStore(url!, { clock: systemClock, timers: systemTimers, log: SILENT });
  process.stdout.write(`${(await store.status()).schema}\n`);
  await store.close();
  process.exit(0);
});
