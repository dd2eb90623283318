import { type Kysely, sql } from 'kysely';
import type { AttributePath } from '../../scim/filter/filter.ts';
import type { Attributes, ResourceType } from '../../scim/resource.ts';
import { rowsOf, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { hashesOf } from './uniqueHashes.ts';
import { pathName } from './uniquePaths.ts';

/** A resource as its values are kept for it. */
export interface Owner {
  readonly type: ResourceType;
  readonly id: string;
  readonly connection: string;
}

/** A value and whose it is. */
export interface Kept {
  readonly connection: string;
  readonly path: string;
  readonly hash: string;
  readonly resource: string;
}

/** Sorts right after what stands between a hash and an id: the end of all rows of one value. */
const END = ';';

/**
 * The key of a resource that had a value before it had to be unique, beside another one: its row stands behind that of the first,
 * so that the value is not free when the first gives it up.
 */
export function behind(hash: string, resource: string): string {
  return `${hash}:${resource}`;
}

/**
 * Who has a value, beside the owner itself. That somebody has it is believed only if the document says so, because a version that
 * does not know the table may have changed it.
 */
export async function holderOf(
  db: Kysely<Tables>,
  owner: Owner,
  path: AttributePath,
  hash: string,
): Promise<string | undefined> {
  for (let last: string | undefined; ; ) {
    const row = await db
      .selectFrom('unique_values')
      .select(['value_hash', 'resource'])
      .where('connection', '=', owner.connection)
      .where('path', '=', pathName(owner.type, path))
      .where('value_hash', last === undefined ? '>=' : '>', last ?? hash)
      .where('value_hash', '<', `${hash}${END}`)
      .orderBy('value_hash')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const other = row.resource !== owner.id;
    if (other && (await hasValue(db, { ...owner, id: row.resource }, path, hash))) return row.resource;
    last = row.value_hash;
  }
}

/** Values that the owner gave up are the next one's, where several had them. */
export async function passOn(
  db: Kysely<Tables>,
  owner: Owner,
  path: AttributePath,
  lost: readonly string[],
): Promise<void> {
  const { connection, type } = owner;
  const name = pathName(type, path);
  const { rows } = await sql<{ value: string }>`SELECT value FROM (${textRows(lost)}) AS asked
    WHERE EXISTS (SELECT 1 FROM unique_values AS kept WHERE kept.connection = ${connection} AND kept.path = ${name}
      AND kept.value_hash > asked.value AND kept.value_hash < asked.value || ${END})`.execute(db);
  for (const { value: hash } of rows) {
    const resource = await holderOf(db, owner, path, hash);
    if (resource === undefined) continue;
    await storeValues(db, [{ connection, path: name, hash, resource }]);
    await db
      .deleteFrom('unique_values')
      .where('connection', '=', connection)
      .where('path', '=', name)
      .where('value_hash', '=', behind(hash, resource))
      .execute();
  }
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
