import type { Store } from '../../src/store/store.ts';

type Read = Store['read'];
type Write = Store['write'];

/** What goes over a store: statements, and rows of them in each turn of the event loop. */
export function counting() {
  const statements: string[] = [];
  let turns: number[] = [0];
  const watched = new WeakSet<object>();
  const watch = ({ getExecutor }: { getExecutor(): object }): void => {
    const executor = getExecutor() as { executeQuery(query: { sql: string }): Promise<{ rows: unknown[] }> };
    if (watched.has(executor)) return;
    watched.add(executor);
    const run = executor.executeQuery.bind(executor);
    executor.executeQuery = async (query) => {
      const result = await run(query);
      statements.push(query.sql);
      turns.push(turns.pop()! + result.rows.length);
      return result;
    };
  };
  return {
    over: (store: Store): Store => ({
      ...store,
      read: ((work, options) =>
        store.read((db, breathe) => {
          watch({ getExecutor: () => db.getExecutor() });
          return work(db, async () => {
            await breathe();
            turns.push(0);
          });
        }, options)) as Read,
      write: ((work, options) =>
        store.write((tx) => {
          watch({ getExecutor: () => tx.db.getExecutor() });
          return work(tx);
        }, options)) as Write,
    }),
    take() {
      const found = {
        statements: statements.splice(0),
        rows: turns.reduce((sum, n) => sum + n, 0),
        turn: Math.max(...turns),
      };
      turns = [0];
      return found;
    },
  };
}
