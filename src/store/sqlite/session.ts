import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { sessions } from '../session.ts';

/** Binds a connection to one callback, as long as it runs. */
export const session = sessions({
  adapter: new SqliteAdapter(),
  compiler: new SqliteQueryCompiler(),
  introspector: (db) => new SqliteIntrospector(db),
});
