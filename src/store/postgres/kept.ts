import { isMistaken, isOutdated } from './failure.ts';

/** A column of an answer. */
export interface Field {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** A statement that the server keeps parsed and planned for one connection, under a name. */
export interface KeptStatement {
  readonly text: string;
  readonly name: string;
  /** `sent` while its first answer is not there: it may not have come through. */
  state: 'new' | 'sent' | 'there';
  /** The columns of its rows, once they are known. */
  fields?: readonly Field[];
}

/** Whether the server keeps statements for whoever sends them; said once for all connections of a store. */
export interface Keeping {
  allowed: boolean;
  /** What is kept beside what is said to be. */
  readonly often?: Often;
}

/** Times that a statement must have come. */
const TIMES = 5;
/** Statements that are kept for having come so often, and those that are counted. */
const MOST = 128;
const COUNTED = 1_024;
/** Characters. */
const LONGEST = 4_000;
/** Takes whatever columns there are: it would have to be known anew after each migration. */
const ALL_COLUMNS = /(?:\bselect|\breturning|,)\s+(?:\S+\.)?\*/i;

/** Statements that come again and again with the same words. */
export class Often {
  readonly #known = new Set<string>();
  #seen = new Map<string, number>();

  /** One more comes. @returns whether it came so often that it is worth keeping */
  is(text: string): boolean {
    if (this.#known.has(text)) return true;
    if (this.#known.size >= MOST || text.length > LONGEST) return false;
    const times = (this.#seen.get(text) ?? 0) + 1;
    if (times < TIMES) {
      if (this.#seen.size >= COUNTED) this.#seen = new Map();
      this.#seen.set(text, times);
      return false;
    }
    if (ALL_COLUMNS.test(text)) return false;
    this.#seen.delete(text);
    this.#known.add(text);
    return true;
  }
}

/**
 * What the server keeps for one connection. Behind a pooler that lends a connection for a transaction it keeps it for somebody else, so
 * that nothing is kept unless the process that answers is the one that greeted; and never again once a name was not what it was.
 */
export class Kept {
  readonly #keeping: Keeping;
  readonly #statements = new Map<string, KeptStatement>();
  #direct = false;
  #names = 0;

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
  }

  /** The server itself answers on this connection. */
  begin(): void {
    this.#direct = true;
  }

  /** `always` where its words are known to be the same each time; undefined where it is not kept. */
  find(text: string, always: boolean): KeptStatement | undefined {
    if (!this.#direct || !this.#keeping.allowed) return undefined;
    if (!always && this.#keeping.often?.is(text) !== true) return undefined;
    let found = this.#statements.get(text);
    if (found === undefined) {
      found = { text, name: `kept_${++this.#names}`, state: 'new' };
      this.#statements.set(text, found);
    }
    return found;
  }

  /** It may not have come through: the next one has another name. */
  forget(statement: KeptStatement): void {
    this.#statements.delete(statement.text);
  }

  met(error: unknown): void {
    if (isMistaken(error)) this.#keeping.allowed = false;
    if (isOutdated(error)) this.#statements.clear();
  }
}
