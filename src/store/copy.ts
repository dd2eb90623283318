import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { canonical } from '../access/canonical.ts';
import type { Clock } from '../access/ports/clock.ts';
import type { Breathe, Transaction } from '../access/ports/store.ts';
import { isStoreFailure, refuse, type ScimError } from '../errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { tablesOf } from './migrations/made.ts';
import { isNewStore, openStore } from './open.ts';
import { isPostgres } from './postgres/address.ts';
import { remove } from './sqlite/backup.ts';
import { databasePath } from './sqlite/file.ts';
import type { Store, StoreParts } from './store.ts';
import type { Tables } from './tables.ts';
import { type Alive, requireAlone, requireIdle, requireSame } from './use.ts';

/** What a copy holds; the same numbers for the original. */
export interface Copied {
  readonly tables: number;
  readonly rows: number;
  /** SHA-256 over the digests of all tables, as they were copied. */
  readonly digest: string;
}

interface CopyParts extends StoreParts {
  readonly alive: Alive;
  readonly witness?: CopyWitness;
  /** Ends the copying before its next rows; the reason is what asked for it, a signal say. */
  readonly interruption?: AbortSignal;
}

/**
 * Asked before anything is copied; what it throws ends the copying. What it returns is called in the transaction with which the copy can
 * be used, so that there is none that does not say where it came from.
 */
export type CopyWitness = (
  source: Store,
) => Promise<(tx: Transaction<Tables>, copied: Copied, clock: Clock) => Promise<void>>;

type Row = Readonly<Record<string, unknown>>;
/** Told what is being done, as often as it goes on. */
type Say = (text: string) => void;
/** What is told, and looked at, between two chunks. */
interface Way {
  readonly say: Say;
  readonly interruption: AbortSignal | undefined;
}
type Rows = Kysely<Record<string, Record<string, unknown>>>;

const CHUNK = 500;
/** Chunks on their way to the target while the next is read. */
const AT_ONCE = 4;
/** Tables that others refer to come first. */
const FIRST = ['users', 'groups'];
const VERSIONS = 'schema_migrations';

/**
 * Copies everything from one database to a new one of either engine, from one snapshot, and compares the two row by row. The
 * service must be stopped, or what it writes meanwhile stays behind: that is looked for before, and once more behind the last row. Until
 * then the copy has no schema version, so that no half of it can be started; a file that is no copy in the end is removed.
 * @throws ScimError STORE_IN_USE, STORE_COPY where the target is not new, differs in the end, one of the two failed, or it was interrupted, STORE_*
 */
export async function copyStore(from: string, to: string, parts: CopyParts, say: Say = () => {}): Promise<Copied> {
  if (!(await isNewStore(to, parts))) throw refuse('STORE_COPY', { reason: 'there is something in it already' });
  requireAlone(from);
  try {
    return await copyInto(to, from, parts, say);
  } catch (error) {
    // It was new, and is nothing that anybody could use.
    if (!isPostgres(to)) remove(databasePath(to));
    throw error === parts.interruption?.reason ? interrupted(error, to) : error;
  }
}

/** Of a file nothing is left to be told of. On a server the last commit may have been done, and nobody heard of it. */
function failed(error: ScimError, to: string): Error {
  if (!isPostgres(to) || error.code === 'STORE_DAMAGED') return error;
  const left = 'what is in the new database by now is no copy: remove it, or name another one';
  return refuse('STORE_COPY', { reason: `${error.message}; ${left}` }, error);
}

function interrupted(reason: unknown, to: string): Error {
  const left = isPostgres(to)
    ? 'half of it is in the new database, which no service starts on: remove that, or name another one'
    : 'what there was of it is removed';
  return refuse('STORE_COPY', { reason: `${String(reason)} ended it; ${left}` });
}

async function copyInto(to: string, from: string, parts: CopyParts, say: Say): Promise<Copied> {
  const { alive, witness, interruption, ...opening } = parts;
  const source = await openStore(from, opening, { migrate: false });
  try {
    const before = await requireIdle(source, alive);
    const note = await witness?.(source);
    const target = await openStore(to, opening);
    try {
      // When each migration came to these rows, not to the new tables: what was stored before it is told apart by that.
      const versions = await source.read((db) => loose(db).selectFrom(VERSIONS).selectAll().execute());
      const copied = await copyAll(source, target, isPostgres(to), { say, interruption });
      requireSame(before, await requireIdle(source, alive));
      await target.write(async (tx) => {
        await loose(tx.db).insertInto(VERSIONS).values(versions).execute();
        await note?.(tx, copied, target.clock);
      });
      return copied;
    } catch (error) {
      throw isStoreFailure(error) ? failed(error as ScimError, to) : error;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyAll(source: Store, target: Store, onServer: boolean, way: Way): Promise<Copied> {
  // Others that share the database with the service are nobody's to copy, let alone to empty.
  const names = inOrder(tablesOf(MIGRATIONS));
  await target.write(async (tx) => {
    for (const name of [...names].reverse().concat(VERSIONS)) await loose(tx.db).deleteFrom(name).execute();
  });
  const wanted = await source.read((db) => copyTables(loose(db), target, names, way));
  if (onServer) await target.write((tx) => advanceSequences(loose(tx.db), names));
  const found = await target.read((copy, breathe) => digests(loose(copy), names, way, breathe));
  for (const name of names)
    if (wanted.get(name)?.text() !== found.get(name)?.text())
      throw refuse('STORE_COPY', { reason: `the table ${name} came out differently` });
  if (onServer) await target.write((tx) => analyze(loose(tx.db), names));
  const all = [...wanted].map(([name, digest]) => `${name} ${digest.text()}`);
  return {
    tables: names.length,
    rows: [...wanted.values()].reduce((sum, { rows }) => sum + rows, 0),
    digest: createHash('sha256').update(all.sort().join('\n')).digest('hex'),
  };
}

/** From one snapshot, which is kept no longer than this takes: the server cannot tidy up behind it. */
async function copyTables(source: Rows, target: Store, names: readonly string[], way: Way) {
  const wanted = new Map<string, Digest>();
  for (const name of names) {
    // Numbers that the database keeps by itself begin anew with each row of another table; they are copied like all others.
    await target.write(async (tx) => void (await loose(tx.db).deleteFrom(name).execute()));
    wanted.set(name, await copyTable(source, target, name, way));
  }
  return wanted;
}

async function copyTable(source: Rows, target: Store, name: string, { say, interruption }: Way): Promise<Digest> {
  const digest = new Digest();
  let chunk: Row[] = [];
  const writes: Promise<void>[] = [];
  const flush = async (): Promise<void> => {
    const rows = chunk;
    chunk = [];
    interruption?.throwIfAborted();
    if (rows.length === 0) return;
    const write = target.write(async (tx) => {
      await loose(tx.db).insertInto(name).values(rows).execute();
    });
    writes.push(write);
    write.catch(() => {});
    if (writes.length === AT_ONCE) await writes.shift();
    say(`copying ${name}: ${digest.rows} rows`);
  };
  for await (const row of source.selectFrom(name).selectAll().stream(CHUNK)) {
    digest.add(row);
    chunk.push(row);
    if (chunk.length === CHUNK) await flush();
  }
  await flush();
  await Promise.all(writes);
  return digest;
}

/** A file is read without waiting for anything: signals are heard, and the end of the snapshot gets to its server, between two chunks. */
async function digests(
  db: Rows,
  names: readonly string[],
  { say, interruption }: Way,
  breathe: Breathe,
): Promise<Map<string, Digest>> {
  const found = new Map<string, Digest>();
  for (const name of names) {
    const digest = new Digest();
    for await (const row of db.selectFrom(name).selectAll().stream(CHUNK)) {
      digest.add(row);
      if (digest.rows % CHUNK !== 0) continue;
      say(`comparing ${name}: ${digest.rows} rows`);
      await breathe();
      interruption?.throwIfAborted();
    }
    found.set(name, digest);
  }
  return found;
}

/** Rows that are numbered by the database go on behind the highest number there is. */
async function advanceSequences(db: Rows, names: readonly string[]): Promise<void> {
  const { rows } = await sql<{ table: string; column: string }>`SELECT table_name AS "table", column_name AS "column"
    FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'
      AND table_name IN (${sql.join(names)})`.execute(db);
  for (const { table, column } of rows)
    await sql`SELECT setval(pg_get_serial_sequence(${table}, ${column}),
      (SELECT coalesce(max(${sql.ref(column)}), 0) + 1 FROM ${sql.table(table)}), false)`.execute(db);
}

/** Tells the server what is in the tables: it would find out by itself, within minutes, and plan without knowing until then. */
async function analyze(db: Rows, names: readonly string[]): Promise<void> {
  await sql`ANALYZE ${sql.join(names.map((name) => sql.table(name)))}`.execute(db);
}

/** Sum of the hashes of rows: the same in whatever order they come, and a row that is there twice counts twice. */
class Digest {
  #sum = 0n;
  rows = 0;

  add(row: Row): void {
    this.#sum += BigInt(`0x${createHash('sha256').update(canonical(row)).digest('hex')}`);
    this.rows += 1;
  }

  text(): string {
    return `${this.rows} ${this.#sum.toString(16)}`;
  }
}

function inOrder(names: readonly string[]): string[] {
  const rest = names.filter((name) => !FIRST.includes(name)).sort();
  return [...FIRST, ...rest];
}

function loose(db: Kysely<never> | Parameters<Parameters<Store['read']>[0]>[0]): Rows {
  return db as unknown as Rows;
}
