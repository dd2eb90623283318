import type { Timers } from '../access/ports/timers.ts';
import { printable } from '../access/printable.ts';

/** Characters that are not kept for the end of the turn. */
const MOST = 65_536;

/**
 * JSON lines of a log, those of one turn of the event loop written together: a system call for each would cost what a request costs. They
 * are read on terminals, and anybody can put something in them, by a path that does not exist.
 */
export class Lines {
  readonly #out: { write(text: string): unknown };
  readonly #timers: Pick<Timers, 'nextTurn'>;
  #text = '';

  constructor(out: { write(text: string): unknown }, timers: Pick<Timers, 'nextTurn'>) {
    this.#out = out;
    this.#timers = timers;
  }

  write(line: string): void {
    if (this.#text === '') this.#timers.nextTurn(() => this.flush());
    this.#text += printable(line);
    if (this.#text.length >= MOST) this.flush();
  }

  /** Writes what waits; to be called when the process ends. */
  flush(): void {
    const text = this.#text;
    if (text === '') return;
    this.#text = '';
    this.#out.write(text);
  }
}
