import {
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqliteConnection } from './connection.ts';

const adapter = new SqliteAdapter();
const compiler = new SqliteQueryCompiler();
const never = (): never => {
  throw new Error('the store opens and ends transactions, not its users');
};
const driver: Driver = {
  init: async () => {},
  acquireConnection: never,
  beginTransaction: never,
  commitTransaction: never,
  rollbackTransaction: never,
  releaseConnection: never,
  destroy: never,
};
const dialect: Dialect = {
  createAdapter: () => adapter,
  createDriver: () => driver,
  createQueryCompiler: () => compiler,
  createIntrospector: (db) => new SqliteIntrospector(db),
};

/** Queries of one callback. */
export interface Session<Tables> {
  readonly db: Kysely<Tables>;
  /** From here on each query is refused: one that was not awaited must not run in somebody else's transaction. */
  end(): void;
}

/** Binds a connection to one callback, as long as it runs. */
export function session<Tables>(connection: SqliteConnection): Session<Tables> {
  let open = true;
  const executor = new DefaultQueryExecutor(compiler, adapter, {
    provideConnection: async (consumer) => {
      if (!open) throw new Error('a query ran after its transaction had ended; await every query');
      return consumer(connection);
    },
  });
  return {
    db: new Kysely<Tables>({ config: { dialect }, dialect, driver, executor }),
    end: () => {
      open = false;
    },
  };
}
