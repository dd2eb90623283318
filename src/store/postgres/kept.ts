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

  find(text: string): KeptStatement | undefined {
    if (!this.#direct || !this.#keeping.allowed) return undefined;
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
