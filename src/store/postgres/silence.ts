import type { Timer, Timers } from '../../access/ports/timers.ts';
import type { PostgresConnection } from './connection.ts';
import { SILENT_SERVER } from './failure.ts';

/** Looks in the time after which a connection without an answer is asked about. */
const LOOKS = 2;

type Watched = Pick<PostgresConnection, 'ended' | 'waiting' | 'heard' | 'drop'>;

interface SilenceParts {
  readonly timers: Pick<Timers, 'after'>;
  /** Milliseconds that a new connection may take. */
  readonly patience: number;
  /** Whether the server answers somebody new. */
  readonly answers: () => Promise<boolean>;
}

/** What was heard of a connection, and in how many looks it was not more. */
interface Silent {
  heard: number;
  looks: number;
}

/**
 * Tells a statement that takes long from a server that is gone without a word, which a socket cannot: where one has no answer for half
 * the patience, somebody new asks the server. As long as that is answered statements may go on; where it is not, all connections that
 * wait are broken off, and who waits on them is told what a lost connection means: a commit that was sent is asked for, not refused.
 */
export class Silence {
  readonly #parts: SilenceParts;
  readonly #watched = new Map<Watched, Silent>();
  #timer: Timer | undefined;
  #asking = false;

  constructor(parts: SilenceParts) {
    this.#parts = parts;
  }

  watch(connection: Watched): void {
    this.#watched.set(connection, { heard: connection.heard, looks: 0 });
    if (this.#timer === undefined) this.#again();
  }

  close(): void {
    this.#timer?.cancel();
    this.#watched.clear();
  }

  #again(): void {
    const { timers, patience } = this.#parts;
    this.#timer = timers.after(patience / 2 / LOOKS, () => {
      this.#timer = undefined;
      this.#look();
      if (this.#watched.size > 0) this.#again();
    });
  }

  #look(): void {
    for (const [connection, silent] of this.#watched) {
      if (connection.ended) this.#watched.delete(connection);
      else if (!connection.waiting || connection.heard !== silent.heard) {
        silent.heard = connection.heard;
        silent.looks = 0;
      } else silent.looks += 1;
    }
    if (!this.#asking && this.#silent().length > 0) void this.#ask();
  }

  /** The first look has seen that it waits, and the others that nothing came. */
  #silent(): Watched[] {
    return [...this.#watched].flatMap(([connection, { looks }]) => (looks >= LOOKS ? [connection] : []));
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    const alive = await this.#parts.answers();
    this.#asking = false;
    for (const connection of this.#silent()) {
      if (alive) this.#watched.get(connection)!.looks = 0;
      // It may have answered while somebody new was waiting.
      else if (connection.heard === this.#watched.get(connection)!.heard) connection.drop(SILENT_SERVER);
    }
  }
}
