import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  DefaultQueryExecutor,
  type Dialect,
  type DialectAdapter,
  type Driver,
  Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';

/** How an engine words its statements. */
interface Wording {
  readonly adapter: DialectAdapter;
  readonly compiler: QueryCompiler;
  readonly introspector: (db: Kysely<unknown>) => DatabaseIntrospector;
}

/** Queries of one callback. */
interface Session<Tables> {
  readonly db: Kysely<Tables>;
  /** From here on each query is refused: one that was not awaited must not run in somebody else's transaction. */
  end(): void;
}

/** Runs a compiled query at once: there are no plugins, and one connection. */
class Executor extends DefaultQueryExecutor {
  readonly #connection: DatabaseConnection;
  readonly #requireOpen: () => void;

  constructor({ compiler, adapter }: Wording, connection: DatabaseConnection, isOpen: () => boolean) {
    const requireOpen = (): void => {
      if (!isOpen()) throw new Error('a query ran after its transaction had ended; await every query');
    };
    super(compiler, adapter, {
      provideConnection: async (consumer) => {
        requireOpen();
        return consumer(connection);
      },
    });
    this.#connection = connection;
    this.#requireOpen = requireOpen;
  }

  override executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      this.#requireOpen();
      return this.#connection.executeQuery<R>(query);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

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

/** How connections of an engine are bound to one callback each, as long as it runs. */
export function sessions(wording: Wording): <Tables>(connection: DatabaseConnection) => Session<Tables> {
  const dialect: Dialect = {
    createAdapter: () => wording.adapter,
    createDriver: () => driver,
    createQueryCompiler: () => wording.compiler,
    createIntrospector: (db) => wording.introspector(db),
  };
  return <Tables>(connection: DatabaseConnection): Session<Tables> => {
    let open = true;
    const executor = new Executor(wording, connection, () => open);
    return {
      db: new Kysely<Tables>({ config: { dialect }, dialect, driver, executor }),
      end: () => {
        open = false;
      },
    };
  };
}
