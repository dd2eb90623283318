import { type Compilable, type CompiledQuery, type Kysely, type QueryResult, type RawBuilder, sql } from 'kysely';
import { blindly } from './blind.ts';
import type { Tables } from './tables.ts';

type Value = string | number | null;

/** The statements that are put together once. */
const kept = new WeakSet<object>();

/** Whether the words of this one are always the same, so that it is worth keeping it prepared on a server. */
export function isKept(query: CompiledQuery): boolean {
  return kept.has(query.query);
}

/** Stands in a compiled statement where a value goes. */
class Hole {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

type Build<V, R> = (
  value: (name: keyof V & string) => RawBuilder<never>,
  db: Kysely<Tables>,
) => Compilable<R> | RawBuilder<R>;

/**
 * A statement that hot paths run for every request: its words are the same each time, so they are put together once for each
 * engine, and only its values differ. `build` names a value by calling what it is given.
 */
export function prepared<V extends { readonly [K in keyof V]: Value }, R = unknown>(
  build: Build<V, R>,
): (db: Kysely<Tables>, values: V) => Promise<QueryResult<R>> {
  const query = filled(build);
  return (db, values) => db.executeQuery<R>(query(db, values));
}

/** The same for a statement of a write whose answer nobody needs, as `runBlind`. */
export function preparedBlind<V extends { readonly [K in keyof V]: Value }>(
  build: Build<V, unknown>,
): (db: Kysely<Tables>, values: V) => Promise<void> {
  const query = filled(build);
  return async (db, values) => {
    await db.executeQuery(blindly(query(db, values)));
  };
}

function filled<V extends { readonly [K in keyof V]: Value }, R>(build: Build<V, R>) {
  const compiled = new WeakMap<object, CompiledQuery<R>>();
  return (db: Kysely<Tables>, values: V): CompiledQuery<R> => {
    const { adapter } = db.getExecutor();
    let query = compiled.get(adapter);
    if (query === undefined) {
      query = build((name) => sql<never>`${new Hole(name)}`, db).compile(db) as CompiledQuery<R>;
      compiled.set(adapter, query);
      kept.add(query.query);
    }
    const parameters = query.parameters.map((item) => (item instanceof Hole ? values[item.name as keyof V] : item));
    return { ...query, parameters };
  };
}
