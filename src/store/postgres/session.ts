import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type RawNode } from 'kysely';
import { sessions } from '../session.ts';
import { isSpelled } from '../spelling.ts';

/** Takes the words of PostgreSQL where an expression has them. */
class Compiler extends PostgresQueryCompiler {
  protected override visitRaw(node: RawNode): void {
    super.visitRaw(isSpelled(node) ? node.postgres : node);
  }
}

/** Binds a connection to one callback, as long as it runs. */
export const session = sessions({
  adapter: new PostgresAdapter(),
  compiler: new Compiler(),
  introspector: (db) => new PostgresIntrospector(db),
});
