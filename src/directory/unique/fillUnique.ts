import { type Clock, instant } from '../../access/ports/clock.ts';
import type { Log } from '../../access/ports/log.ts';
import type { AttributePath } from '../../scim/filter/filter.ts';
import type { Attributes, ResourceType } from '../../scim/resource.ts';
import type { Store, Tx } from '../../store/store.ts';
import { hashesOf } from './uniqueHashes.ts';
import { behind, hasValue, type Kept, storeValues } from './uniqueHolders.ts';
import { pathName, ruleOf, type UniquePaths } from './uniquePaths.ts';

/** Resources, or rows that are forgotten, of one transaction: others write between two. */
const PAGE = 500;
/** Pages between two lines of progress. */
const TOLD_EVERY = 20;
/** Pairs of ids in a line of the log. */
const NAMED = 5;
/** Further back than any write that had not been committed when the last look began. */
const OVERLAP_MS = 600_000;

interface FillDeps {
  readonly store: Store;
  readonly unique: UniquePaths;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Brings the table of unique values up to the configuration, before anything is written: an attribute that is new to it, or whose
 * comparison was changed, is read from all documents, and of the others what was changed since the last look, maybe by a version
 * that does not know the table. Two resources that have one value already keep it, and that is logged: the first has it by the
 * table, and the others stand behind it. @returns how many they are
 */
export async function fillUnique({ store, unique, clock, log }: FillDeps): Promise<number> {
  const found: Twice[] = [];
  for (const type of ['User', 'Group'] as const) {
    const begun = instant(clock);
    const since = new Map<string, string>();
    for (const path of unique[type]) since.set(pathName(type, path), await keptSince(store, type, path));
    if (since.size === 0) continue;
    const from = [...since.values()].sort()[0]!;
    let last = '';
    for (let page = 1; ; page++) {
      const at = last;
      const done = await store.write((tx) => fillPage(tx, { type, paths: unique[type], from, last: at }));
      found.push(...done.twice);
      if (page % TOLD_EVERY === 0)
        log.info('values that must be unique are looked through', { type, done: page * PAGE });
      if (done.last === undefined) break;
      last = done.last;
    }
    await store.write(async ({ db }) => {
      for (const path of unique[type]) {
        const row = { rule: ruleOf(path), kept_since: begun };
        await db
          .insertInto('unique_paths')
          .values({ path: pathName(type, path), ...row })
          .onConflict((conflict) => conflict.column('path').doUpdateSet(row))
          .execute();
      }
    });
  }
  for (const [attribute, pairs] of Map.groupBy(found, (one) => one.attribute))
    log.warn('values that must be unique are there more than once; they stay until they are changed', {
      attribute,
      twice: pairs.length,
      resources: pairs.slice(0, NAMED).map(({ first, other }) => `${first} ${other}`),
      remedy: 'Give one of each pair another value; the doctor names those that are left.',
    });
  return found.length;
}

/** A value that a resource has beside the first; ids. */
interface Twice {
  readonly attribute: string;
  readonly first: string;
  readonly other: string;
}

/** From when on resources have to be looked through; what was kept by another rule is forgotten. */
async function keptSince(store: Store, type: ResourceType, path: AttributePath): Promise<string> {
  const name = pathName(type, path);
  const row = await store.read((db) =>
    db.selectFrom('unique_paths').selectAll().where('path', '=', name).executeTakeFirst(),
  );
  if (row?.rule === ruleOf(path)) return new Date(Date.parse(row.kept_since) - OVERLAP_MS).toISOString();
  for (;;) {
    const gone = await store.write(async ({ db }) => {
      await db.deleteFrom('unique_paths').where('path', '=', name).execute();
      const rows = await db.selectFrom('unique_values').selectAll().where('path', '=', name).limit(PAGE).execute();
      for (const { connection, value_hash } of rows)
        await db
          .deleteFrom('unique_values')
          .where('connection', '=', connection)
          .where('path', '=', name)
          .where('value_hash', '=', value_hash)
          .execute();
      return rows.length;
    });
    if (gone < PAGE) return '';
  }
}

interface Page {
  readonly type: ResourceType;
  readonly paths: readonly AttributePath[];
  readonly from: string;
  /** Id of the resource before the first. */
  readonly last: string;
}

async function fillPage(
  { db }: Tx,
  { type, paths, from, last }: Page,
): Promise<{ readonly last: string | undefined; readonly twice: readonly Twice[] }> {
  const resources = await db
    .selectFrom(type === 'User' ? 'users' : 'groups')
    .select(['id', 'connection', 'document'])
    .where('id', '>', last)
    .where('modified_at', '>=', from)
    .orderBy('id')
    .limit(PAGE)
    .execute();
  const wanted: (Kept & { readonly attribute: AttributePath })[] = [];
  for (const { id, connection, document } of resources) {
    const attributes = JSON.parse(document) as Attributes;
    for (const attribute of paths)
      for (const hash of hashesOf(attribute, attributes).keys())
        wanted.push({ connection, path: pathName(type, attribute), hash, resource: id, attribute });
  }
  const twice: Twice[] = [];
  const owners = await ownersOf(db, wanted);
  const kept = new Map<string, Kept>();
  for (const { attribute, ...value } of wanted) {
    const key = keyOf(value);
    const id = kept.get(key)?.resource ?? owners.get(key);
    const { connection, hash } = value;
    if (id !== undefined && id !== value.resource && (await hasValue(db, { type, id, connection }, attribute, hash))) {
      twice.push({ attribute: `${attribute.schema}:${attribute.attribute}`, first: id, other: value.resource });
      const second = { ...value, hash: behind(hash, value.resource) };
      kept.set(keyOf(second), second);
    } else kept.set(key, value);
  }
  if (kept.size > 0) await storeValues(db, [...kept.values()]);
  return { last: resources.length < PAGE ? undefined : resources.at(-1)!.id, twice };
}

function keyOf({ connection, path, hash }: Omit<Kept, 'resource'>): string {
  return `${connection} ${path} ${hash}`;
}

/** Whose the values are by the table. */
async function ownersOf(db: Tx['db'], wanted: readonly Kept[]): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  for (const list of Map.groupBy(wanted, ({ connection, path }) => `${connection} ${path}`).values()) {
    const { connection, path } = list[0]!;
    for (let at = 0; at < list.length; at += PAGE) {
      const hashes = list.slice(at, at + PAGE).map(({ hash }) => hash);
      const rows = await db
        .selectFrom('unique_values')
        .select(['value_hash', 'resource'])
        .where('connection', '=', connection)
        .where('path', '=', path)
        .where('value_hash', 'in', hashes)
        .execute();
      for (const { value_hash, resource } of rows) owners.set(keyOf({ connection, path, hash: value_hash }), resource);
    }
  }
  return owners;
}
