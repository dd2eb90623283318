import type { TestContext } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { WRITER_LOCK } from '../../src/store/postgres/transaction.ts';
import { child } from '../store/child.ts';
import { conformance, type Place } from '../store/conformance.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';

const place = async (t: TestContext): Promise<Place> => {
  const url = await temporaryDatabase(t);
  return {
    open: async (options, clock = systemClock) => {
      const store = await openStore(url, { clock, timers: systemTimers, log: SILENT }, options);
      t.after(() => store.close());
      return store;
    },
    failCommit: async ({ db }) => {
      await sql`CREATE FUNCTION refuse_commit() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'integrity_constraint_violation'; END $$`.execute(db);
      await sql`CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON expired DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse_commit()`.execute(db);
      await db.insertInto('expired').values({ key: 'refused', at: 'now' }).execute();
    },
    exhaust: async ({ db }) => {
      await sql`DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`.execute(db);
    },
    relieve: async () => {},
    lock: async () => {
      const holder = new pg.Client({ connectionString: url });
      await holder.connect();
      await holder.query(`SELECT pg_advisory_lock(${WRITER_LOCK})`);
      return () => holder.end();
    },
    killedWriter: async (prefix, acknowledged) => {
      const writer = child(t, 'endlessWriter.ts', url, prefix);
      await writer.said(acknowledged);
      writer.process.kill('SIGKILL');
      await writer.ended;
      return writer.lines;
    },
  };
};

if (postgresMissing === undefined) conformance('postgres', place);
