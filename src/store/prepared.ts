import { type Compilable, type CompiledQuery, type Kysely, type QueryResult, type RawBuilder, sql } from 'kysely';
import { blindly } from './blind.ts';
import type { Tables } from './tables.ts';

type Value = string | number | null | readonly string[];

/** The statements that are put together once. */
const kept = new WeakSet<object>();

/** Whether the words of this one are always the same, so that it is worth keeping it prepared on a server. */
export function isKept(query: CompiledQuery): boolean {
  return kept.has(query.query);
}

/** Stands in a compiled statement where a value goes. */
class Hole {
  readonly name: string;
  /** A list goes there as the text of a JSON array. */
  readonly json: boolean;

  constructor(name: string, json = false) {
    this.name = name;
    this.json = json;
  }
}

/** A list in the two ways that engines take one: for the functions of `sql/lists.ts`. */
export interface HeldTexts {
  readonly json: RawBuilder<unknown>;
  readonly array: RawBuilder<unknown>;
}

/** Where a value goes, by its name. */
interface Place<V> {
  (name: keyof V & string): RawBuilder<never>;
  texts(name: keyof V & string): HeldTexts;
}

/** The columns of these names, each with the value of its name: for `values` and `set`. */
export function placed<K extends string>(
  value: (name: K) => RawBuilder<never>,
  names: readonly K[],
): Record<K, RawBuilder<never>> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, RawBuilder<never>>;
}

type Build<V, R> = (value: Place<V>, db: Kysely<Tables>) => Compilable<R> | RawBuilder<R>;

const hole = (name: string, json = false): RawBuilder<never> => sql<never>`${new Hole(name, json)}`;
const place: Place<Record<string, never>> = Object.assign((name: string) => hole(name), {
  texts: (name: string): HeldTexts => ({ json: hole(name, true), array: hole(name) }),
});

/**
 * A statement that hot paths run for every request: its words are the same each time, so they are put together once for each
 * engine, and only its values differ. `build` names a value by calling what it is given.
 */
export function prepared<V extends { readonly [K in keyof V]: Value }, R = unknown>(
  build: Build<V, R>,
): (db: Kysely<Tables>, values: V) => Promise<QueryResult<R>> {
  const query = filled(build);
  return (db, values) => db.getExecutor().executeQuery<R>(query(db, values));
}

/** The same for a statement of a write whose answer nobody needs, as `runBlind`. */
export function preparedBlind<V extends { readonly [K in keyof V]: Value }>(
  build: Build<V, unknown>,
): (db: Kysely<Tables>, values: V) => Promise<void> {
  const query = filled(build);
  return async (db, values) => {
    await db.getExecutor().executeQuery(blindly(query(db, values)));
  };
}

function filled<V extends { readonly [K in keyof V]: Value }, R>(build: Build<V, R>) {
  const compiled = new WeakMap<object, CompiledQuery<R>>();
  return (db: Kysely<Tables>, values: V): CompiledQuery<R> => {
    const { adapter } = db.getExecutor();
    let query = compiled.get(adapter);
    if (query === undefined) {
      query = build(place as Place<V>, db).compile(db) as CompiledQuery<R>;
      compiled.set(adapter, query);
      kept.add(query.query);
    }
    const parameters = query.parameters.map((item) => {
      if (!(item instanceof Hole)) return item;
      const value = values[item.name as keyof V];
      return item.json ? JSON.stringify(value) : value;
    });
    return { ...query, parameters };
  };
}
