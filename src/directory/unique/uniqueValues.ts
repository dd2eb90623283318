import { refuse } from '../../errors.ts';
import type { Attributes } from '../../scim/resource.ts';
import { runBlind } from '../../store/blind.ts';
import type { Tx } from '../../store/store.ts';
import { hashesOf } from './uniqueHashes.ts';
import { behind, holderOf, type Owner, passOn, storeValues } from './uniqueHolders.ts';
import { pathName, type UniquePaths } from './uniquePaths.ts';

/**
 * Gives a resource the values that are new to it and takes those that it no longer has; in the transaction of its write. A value
 * is looked up by key. @throws ScimError SCIM_UNIQUENESS where another resource of the connection has one
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
    for (const [hash, value] of gained)
      if ((await holderOf(tx.db, owner, path, hash)) !== undefined)
        throw refuse('SCIM_UNIQUENESS', {
          attribute: path.attribute,
          value: String(value),
          resource: owner.type.toLowerCase(),
        });
    const rows = gained.map(([hash]) => ({ connection: owner.connection, path: name, hash, resource: owner.id }));
    if (rows.length > 0) await storeValues(tx.db, rows);
    if (lost.length === 0) continue;
    await runBlind(
      tx.db,
      tx.db
        .deleteFrom('unique_values')
        .where('connection', '=', owner.connection)
        .where('path', '=', name)
        .where('resource', '=', owner.id)
        .where('value_hash', 'in', [...lost, ...lost.map((hash) => behind(hash, owner.id))]),
    );
    await passOn(tx.db, owner, path, lost);
  }
}

/** All values of a resource that is deleted are free, or are the next one's where several had them. */
export async function freeUnique(tx: Tx, unique: UniquePaths, owner: Owner): Promise<void> {
  const { type, id } = owner;
  if (unique[type].length === 0) return;
  const gone = await tx.db
    .deleteFrom('unique_values')
    .where('resource', '=', id)
    .returning(['path', 'value_hash'])
    .execute();
  for (const path of unique[type]) {
    const lost = gone.filter((row) => row.path === pathName(type, path)).map(({ value_hash }) => value_hash);
    if (lost.length > 0) await passOn(tx.db, owner, path, lost);
  }
}
