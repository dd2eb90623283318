import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { sql } from 'kysely';
import { child } from '../store/child.ts';
import type { Faulted } from './world.ts';

/** Something that happens to the disk under a running service. */
export interface Fault {
  readonly name: string;
  /** What the log says of it. */
  readonly reason: RegExp;
  readonly code: 'STORE_FAILED' | 'STORE_DAMAGED' | 'STORE_UNREACHABLE' | 'STORE_CONNECTIONS' | 'STORE_BUSY';
  /** Why it cannot be made here. */
  readonly skip?: string;
  /** Makes it. @returns what mends it */
  strike(world: Faulted, t: TestContext): Promise<() => Promise<void> | void>;
}

/** Runs a PRAGMA on the connection that writes. */
const onWriter = async ({ store }: Faulted, pragma: string): Promise<void> => {
  await store.write(({ db }) => sql.raw(pragma).execute(db));
};

const limits = ((): boolean => {
  try {
    execFileSync('prlimit', ['--pid', String(process.pid), '--fsize'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** No file of this process can be written any more; the limit is the kernel's, what it refuses is EFBIG. */
function limitFiles(limit: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${limit}:`]);
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'disk full',
    reason: /the disk is full/,
    code: 'STORE_FAILED',
    async strike(world) {
      const { rows } = await world.store.read((db) => sql<{ page_count: number }>`PRAGMA page_count`.execute(db));
      await onWriter(world, `PRAGMA max_page_count = ${rows[0]!.page_count}`);
      // What is free inside the file is used up first.
      const fill = (name: string) =>
        world.store.write(({ db }) =>
          db
            .insertInto('expired')
            .values({ key: name, at: 'x'.repeat(3_000) })
            .execute(),
        );
      for (let count = 0; count < 50; count++) await fill(`fill${count}`).catch(() => {});
      return () => onWriter(world, 'PRAGMA max_page_count = 1073741823');
    },
  },
  {
    name: 'read-only disk',
    reason: /the file, or what is beside it, is read-only/,
    code: 'STORE_FAILED',
    async strike({ hook }) {
      const refused = Object.assign(new Error('attempt to write a readonly database'), {
        code: 'ERR_SQLITE_ERROR',
        errcode: 8,
      });
      hook.observe = (statement) => {
        if (/^(insert|update|delete)/i.test(statement)) throw refused;
      };
      return () => {
        hook.observe = () => {};
      };
    },
  },
  {
    name: 'errors of the disk',
    reason: /input or output error/,
    code: 'STORE_FAILED',
    ...(limits ? {} : { skip: 'there is no prlimit here' }),
    async strike() {
      limitFiles('0');
      return () => limitFiles('unlimited');
    },
  },
  {
    name: 'damaged page',
    reason: /the file is damaged/,
    code: 'STORE_DAMAGED',
    async strike({ path }) {
      const outside = (statement: string): void => {
        const database = new DatabaseSync(path, { timeout: 5_000 });
        database.exec(statement);
        database.close();
      };
      // Into the file with everything, then garbage over the root of the people, then a change that empties all caches.
      outside('PRAGMA wal_checkpoint(TRUNCATE)');
      const { rootpage } = rowOf(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'users'");
      const at = (Number(rootpage) - 1) * 4096;
      const good = exchange(path, at, Buffer.alloc(4096, 0xa5));
      outside("INSERT INTO expired (key, at) VALUES ('one', 'now')");
      return () => {
        exchange(path, at, good);
        outside("INSERT INTO expired (key, at) VALUES ('two', 'now')");
      };
    },
  },
  {
    name: 'lock of another process',
    reason: /locked by another process/,
    code: 'STORE_BUSY',
    async strike({ path }, t) {
      const holder = child(t, 'lockHolder.ts', path);
      await holder.said(1);
      return async () => {
        holder.process.stdin!.end();
        await holder.ended;
      };
    },
  },
  {
    name: 'file taken away',
    reason: /the file is gone/,
    code: 'STORE_FAILED',
    async strike({ path }) {
      renameSync(path, `${path}.away`);
      return () => renameSync(`${path}.away`, path);
    },
  },
];

function rowOf(path: string, statement: string): Record<string, unknown> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(statement).get()!;
  } finally {
    database.close();
  }
}

/** Puts bytes at a place of a file. @returns what was there */
function exchange(path: string, at: number, bytes: Buffer): Buffer {
  const file = openSync(path, 'r+');
  try {
    const before = Buffer.alloc(bytes.length);
    readSync(file, before, 0, bytes.length, at);
    writeSync(file, bytes, 0, bytes.length, at);
    return before;
  } finally {
    closeSync(file);
  }
}
