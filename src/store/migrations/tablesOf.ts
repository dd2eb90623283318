import type { Migration } from './migration.ts';

const MADE = /^CREATE TABLE (\w+)/;
const DROPPED = /^DROP TABLE (\w+)/;

/** Names of the tables that there are when all of the migrations were applied; a database may hold others, which are not of the service. */
export function tablesOf(migrations: readonly Migration[]): string[] {
  const names = new Set<string>();
  for (const statement of migrations.flatMap(({ up }) => up)) {
    const [, made] = MADE.exec(statement) ?? [];
    const [, dropped] = DROPPED.exec(statement) ?? [];
    if (made !== undefined) names.add(made);
    if (dropped !== undefined) names.delete(dropped);
  }
  return [...names];
}
