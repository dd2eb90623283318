import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { sql } from 'kysely';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { child } from './child.ts';
import { conformance, type Place } from './conformance.ts';
import { temporaryFolder } from './open.ts';

conformance('sqlite', async (t: TestContext): Promise<Place> => {
  const path = join(temporaryFolder(t), 'test.db');
  const url = `sqlite:${path}`;
  return {
    open: async (options, clock = systemClock) => {
      const store = await openStore(url, { clock, timers: systemTimers, log: SILENT }, options);
      t.after(() => store.close());
      return store;
    },
    failCommit: async ({ db }) => {
      await sql`PRAGMA defer_foreign_keys = ON`.execute(db);
      await sql`INSERT INTO user_emails (user_id, value, value_key, is_primary) VALUES ('nobody', 'x', 'x', 0)`.execute(
        db,
      );
    },
    exhaust: async ({ db }) => {
      await sql`PRAGMA max_page_count = 1`.execute(db);
      await sql`INSERT INTO expired (key, at) VALUES ('big', hex(zeroblob(1000000)))`.execute(db);
    },
    relieve: async ({ db }) => {
      await sql`PRAGMA max_page_count = 1000000`.execute(db);
    },
    lock: async () => {
      const holder = child(t, 'lockHolder.ts', path);
      await holder.said(1);
      return async () => {
        holder.process.stdin!.end();
        await holder.ended;
      };
    },
    killedWriter: async (prefix, acknowledged) => {
      const writer = child(t, 'endlessWriter.ts', url, prefix);
      await writer.said(acknowledged);
      writer.process.kill('SIGKILL');
      await writer.ended;
      return writer.lines;
    },
  };
});
