import type { Migration } from './migration.ts';

const MADE = /^CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER) (\w+)/;
const DROPPED = /^DROP (TABLE|INDEX|TRIGGER) (\w+)/;

/** Names of what there is when statements have run, by kind; `keyed`: tables with a primary key. */
interface Made {
  readonly tables: readonly string[];
  readonly keyed: readonly string[];
  readonly indexes: readonly string[];
  readonly triggers: readonly string[];
}

export function madeBy(statements: readonly string[]): Made {
  const made = {
    TABLE: new Map<string, boolean>(),
    INDEX: new Map<string, boolean>(),
    TRIGGER: new Map<string, boolean>(),
  };
  type Kind = keyof typeof made;
  for (const statement of statements) {
    const [, kind, name] = MADE.exec(statement) ?? [];
    if (name !== undefined) made[kind as Kind].set(name, /\bPRIMARY KEY\b/.test(statement));
    const [, gone, former] = DROPPED.exec(statement) ?? [];
    if (former !== undefined) made[gone as Kind].delete(former);
  }
  const tables = [...made.TABLE];
  return {
    tables: tables.map(([name]) => name),
    keyed: tables.filter(([, key]) => key).map(([name]) => name),
    indexes: [...made.INDEX.keys()],
    triggers: [...made.TRIGGER.keys()],
  };
}

/** The tables of the service when all of the migrations were applied; a database may hold others, which are nobody's here. */
export function tablesOf(migrations: readonly Migration[]): readonly string[] {
  return madeBy(migrations.flatMap(({ up }) => up)).tables;
}
