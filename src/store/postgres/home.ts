import { ScimError } from '../../errors.ts';

interface HomeParts {
  /** The number of the tables that were looked at last. */
  readonly known: number;
  /** Looks at those that are there now: their number, where they are whole. @throws what they lack, or what the server says */
  readonly look: () => Promise<number>;
}

/** For a transaction over other tables than those that were looked at: nothing of it counts, and it is worth doing again. */
export class Moved extends Error {
  readonly refusal: ScimError | undefined;

  constructor(cause?: unknown) {
    super('the tables are others than before', { cause });
    this.refusal = cause instanceof ScimError ? cause : undefined;
  }
}

/**
 * The tables that this process works with. A dump that is put back under it makes others of the same names, which are empty at first;
 * nothing is asked of them, and nothing stored, before all of them are whole.
 */
export class Home {
  readonly #parts: HomeParts;
  #known: number;
  #looking: Promise<void> | undefined;

  constructor(parts: HomeParts) {
    this.#parts = parts;
    this.#known = parts.known;
  }

  /**
   * Resolves where a transaction is over the tables that were looked at.
   * @throws Moved where it is over others, once these were looked at; from then on they are the known ones if they are whole
   */
  async require(found: number | null): Promise<void> {
    if (found === this.#known) return;
    let refusal: unknown;
    this.#looking ??= this.#look();
    await this.#looking.catch((error: unknown) => {
      refusal = error;
    });
    throw new Moved(refusal);
  }

  async #look(): Promise<void> {
    try {
      this.#known = await this.#parts.look();
    } finally {
      this.#looking = undefined;
    }
  }
}
