import { type OperationNodeSource, type RawBuilder, type RawNode, sql } from 'kysely';

/** A raw node with the text of the other engine beside it. */
interface SpelledNode extends RawNode {
  readonly postgres: RawNode;
}

/**
 * One expression in the words of both engines, for the few things they say differently (`src/store/sql/`). SQLite compiles the
 * first; the compiler of PostgreSQL takes the second wherever the expression stands.
 */
export function spelled<T = unknown>(sqlite: RawBuilder<unknown>, postgres: RawBuilder<unknown>): RawBuilder<T> {
  const node: SpelledNode = Object.freeze({
    ...(sqlite.toOperationNode() as RawNode),
    postgres: postgres.toOperationNode() as RawNode,
  });
  const source: OperationNodeSource = { toOperationNode: () => node };
  return sql<T>`${source}`;
}

/** Whether a node has the words of PostgreSQL beside its own. */
export function isSpelled(node: RawNode): node is SpelledNode {
  return 'postgres' in node;
}
