// A process of its own that makes its log long and closes: `node longLog.ts DATABASE`. Nothing else keeps it alive.
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';

const store = await openStore(`sqlite:${process.argv[2]}`, { clock: systemClock, timers: systemTimers, log: SILENT });
for (let round = 0; round < 6; round++)
  await store.write(
    async ({ db, breathe }) => {
      for (let n = 0; n < 1_000; n++)
        await db
          .insertInto('expired')
          .values({ key: `${round} ${n} ${'x'.repeat(4_000)}`, at: 'now' })
          .execute();
      await breathe();
    },
    { alone: true },
  );
await store.close();
process.stdout.write('closed\n');
