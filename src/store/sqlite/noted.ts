import { isFatal } from './failure.ts';

/** What the statements of a connection came to, beside their answers, until the writer asks. */
export abstract class Noted {
  #failure: unknown;
  readonly #written = new Set<string>();

  /** An error about the file that a statement met since the last call, even if its caller went on. */
  takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Tables that were written to since the last call, even if that was undone. */
  takeWritten(): string[] {
    const written = [...this.#written];
    this.#written.clear();
    return written;
  }

  /** Notes an error where it is about the file; the first one counts. */
  protected noteFailure(error: unknown): void {
    if (isFatal(error)) this.noteLoss(error);
  }

  /** Notes that nothing of this connection can be trusted. */
  protected noteLoss(error: unknown): void {
    this.#failure ??= error;
  }

  protected noteWritten(table: string | undefined): void {
    if (table !== undefined) this.#written.add(table);
  }
}
