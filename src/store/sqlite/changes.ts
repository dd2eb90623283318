/** Which tables the commits of this process changed, and how often; for `stamp` of the store. */
export class Changes {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** Notes a commit. */
  committed(tables: Iterable<string>): void {
    for (const table of tables) this.#counts.set(table, ++this.#total);
  }

  /** Grows whenever one of the tables was changed. */
  of(tables: readonly string[]): number {
    return tables.reduce((latest, table) => Math.max(latest, this.#counts.get(table) ?? 0), 0);
  }
}

/** The table that a statement writes to; undefined where it writes nothing. */
export function writtenBy(sql: string): string | undefined {
  return /^\s*(?:insert(?:\s+or\s+\w+)?\s+into|update|delete\s+from)\s+"?(\w+)/i.exec(sql)?.[1]?.toLowerCase();
}
