import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { fold } from '../access/fold.ts';
import { refuse } from '../errors.ts';
import type { AttributePath } from '../scim/filter/filter.ts';
import { values } from '../scim/filter/matches.ts';
import type { Attributes, ResourceType } from '../scim/resource.ts';
import { runBlind } from '../store/blind.ts';
import { rowsOf } from '../store/sql/lists.ts';
import type { Tx } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';
import { pathName, type UniquePaths } from './uniquePaths.ts';

/** A resource as its values are kept for it. */
export interface Owner {
  readonly type: ResourceType;
  readonly id: string;
  readonly connection: string;
}

/**
 * Gives a resource the values that are new to it and takes those that it no longer has; in the transaction of its write. A value
 * is looked up by key; that another has it is believed only if its document says so, because a version that does not know the
 * table may have changed it. @throws ScimError SCIM_UNIQUENESS where another resource of the connection has one
 */
export async function keepUnique(
  tx: Tx,
  unique: UniquePaths,
  owner: Owner,
  before: Attributes,
  after: Attributes,
): Promise<void> {
  for (const path of unique[owner.type]) {
    const [old, now] = [hashesOf(path, before), hashesOf(path, after)];
    const gained = [...now].filter(([hash]) => !old.has(hash));
    const lost = [...old.keys()].filter((hash) => !now.has(hash));
    const name = pathName(owner.type, path);
    for (const [hash, value] of gained) {
      const found = await tx.db
        .selectFrom('unique_values')
        .select('resource')
        .where('connection', '=', owner.connection)
        .where('path', '=', name)
        .where('value_hash', '=', hash)
        .executeTakeFirst();
      if (found === undefined || found.resource === owner.id) continue;
      if (await hasValue(tx.db, { ...owner, id: found.resource }, path, hash))
        throw refuse('SCIM_UNIQUENESS', {
          attribute: path.attribute,
          value: String(value),
          resource: owner.type.toLowerCase(),
        });
    }
    const rows = gained.map(([hash]) => ({ connection: owner.connection, path: name, hash, resource: owner.id }));
    if (rows.length > 0) await storeValues(tx.db, rows);
    if (lost.length > 0)
      await runBlind(
        tx.db,
        tx.db
          .deleteFrom('unique_values')
          .where('connection', '=', owner.connection)
          .where('path', '=', name)
          .where('resource', '=', owner.id)
          .where('value_hash', 'in', lost),
      );
  }
}

/** All values of a resource that is deleted are free. */
export async function freeUnique(tx: Tx, unique: UniquePaths, { type, id }: Omit<Owner, 'connection'>): Promise<void> {
  if (unique[type].length > 0) await runBlind(tx.db, tx.db.deleteFrom('unique_values').where('resource', '=', id));
}

/** The values of a path by their hash, which is the same for equal ones (RFC 7643 §7, caseExact). */
export function hashesOf(path: AttributePath, attributes: Attributes): Map<string, string | number | boolean> {
  const hashes = new Map<string, string | number | boolean>();
  const exact = path.caseExact || path.type === 'dateTime';
  for (const value of values(path, attributes)) {
    if (value === null || typeof value === 'object') continue;
    const wanted = value as string | number | boolean;
    const compared = typeof wanted === 'string' && !exact ? fold(wanted) : wanted;
    hashes.set(createHash('sha256').update(JSON.stringify(compared)).digest('hex'), wanted);
  }
  return hashes;
}

/** A value and whose it is. */
export interface Kept {
  readonly connection: string;
  readonly path: string;
  readonly hash: string;
  readonly resource: string;
}

/** Whoever had a value before no longer has it. */
export async function storeValues(db: Kysely<Tables>, rows: readonly Kept[]): Promise<void> {
  const put = rowsOf(
    { connection: 'text', path: 'text', value_hash: 'text', resource: 'text' },
    rows.map(({ connection, path, hash, resource }) => [connection, path, hash, resource]),
  );
  await sql`INSERT INTO unique_values (connection, path, value_hash, resource)
    SELECT connection, path, value_hash, resource FROM ${put} AS put WHERE true
    ON CONFLICT (connection, path, value_hash) DO UPDATE SET resource = excluded.resource`.execute(db);
}

/** Whether a resource of the connection is there and has the value. */
export async function hasValue(
  db: Kysely<Tables>,
  { type, id, connection }: Owner,
  path: AttributePath,
  hash: string,
): Promise<boolean> {
  const row = await db
    .selectFrom(type === 'User' ? 'users' : 'groups')
    .select('document')
    .where('id', '=', id)
    .where('connection', '=', connection)
    .executeTakeFirst();
  return row !== undefined && hashesOf(path, JSON.parse(row.document) as Attributes).has(hash);
}
