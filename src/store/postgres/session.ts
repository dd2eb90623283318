import {
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawNode,
} from 'kysely';
import { isSpelled } from '../spelling.ts';

/** Takes the words of PostgreSQL where an expression has them. */
class Compiler extends PostgresQueryCompiler {
  protected override visitRaw(node: RawNode): void {
    super.visitRaw(isSpelled(node) ? node.postgres : node);
  }
}

const adapter = new PostgresAdapter();
const compiler = new Compiler();
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
  createIntrospector: (db) => new PostgresIntrospector(db),
};

/** Queries of one callback. */
export interface Session<Tables> {
  readonly db: Kysely<Tables>;
  /** From here on each query is refused: one that was not awaited must not run in somebody else's transaction. */
  end(): void;
}

/** Binds a connection to one callback, as long as it runs. */
export function session<Tables>(connection: DatabaseConnection): Session<Tables> {
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
