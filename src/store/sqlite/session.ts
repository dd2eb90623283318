import {
  type CompiledQuery,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqliteConnection } from './connection.ts';

/** Runs a compiled query at once: there are no plugins, and one connection. */
class Executor extends DefaultQueryExecutor {
  readonly #run: <R>(query: CompiledQuery) => Promise<QueryResult<R>>;

  constructor(connection: SqliteConnection, isOpen: () => boolean) {
    const requireOpen = (): void => {
      if (!isOpen()) throw new Error('a query ran after its transaction had ended; await every query');
    };
    super(compiler, adapter, {
      provideConnection: async (consumer) => {
        requireOpen();
        return consumer(connection);
      },
    });
    this.#run = async (query) => {
      requireOpen();
      return connection.executeQuery(query);
    };
  }

  override executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#run(query);
  }
}

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
  const executor = new Executor(connection, () => open);
  return {
    db: new Kysely<Tables>({ config: { dialect }, dialect, driver, executor }),
    end: () => {
      open = false;
    },
  };
}
