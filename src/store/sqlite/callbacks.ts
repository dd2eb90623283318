import type { DatabaseConnection } from 'kysely';
import type { Transaction } from '../../access/ports/store.ts';
import type { Timers } from '../../access/ports/timers.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { SqliteConnection } from './connection.ts';
import type { Elsewhere } from './elsewhere.ts';
import { session } from './session.ts';
import { Breath, TURN_OVER, Turn } from './turn.ts';

/** What the callback of a write came to, and what is to be run once it is durable. */
export type Outcome =
  | { readonly value: unknown; readonly hooks: readonly (() => void)[] }
  | { readonly error: unknown };

type Work<Tables> = (tx: Transaction<Tables>) => Promise<unknown>;

interface CallbackParts {
  readonly timers: Timers;
  readonly checkpointer: Pick<Checkpointer, 'flush'>;
}

/** Runs the callbacks of writes, and watches that none waits for something else than its own statements. */
export class Callbacks<Tables> {
  readonly #parts: CallbackParts;
  readonly #turnOf: Turn;

  constructor(parts: CallbackParts) {
    this.#parts = parts;
    this.#turnOf = new Turn(parts.timers);
  }

  /** Over a connection of this thread: what is written so far is flushed while it breathes. */
  here(connection: SqliteConnection, work: Work<Tables>): Promise<Outcome> {
    return this.#outcome(connection, work, {
      breathes: () => this.#parts.checkpointer.flush(),
      waits: () => undefined,
    });
  }

  /** Over the connection of a thread, whose answers it may wait for. */
  inThread(thread: Elsewhere, work: Work<Tables>): Promise<Outcome> {
    return this.#outcome(thread, work, { breathes: () => {}, waits: () => thread.quiet() });
  }

  async #outcome(connection: DatabaseConnection, work: Work<Tables>, { breathes, waits }: Manner): Promise<Outcome> {
    const { db, end } = session<Tables>(connection);
    const hooks: (() => void)[] = [];
    const afterCommit = (run: () => void): void => {
      hooks.push(run);
    };
    const given = async (check: Promise<unknown>): Promise<void> => {
      await check;
    };
    const breath = new Breath(this.#parts.timers);
    const breathe = (): Promise<void> => {
      breathes();
      return breath.take();
    };
    try {
      const over = this.#turnOf.over();
      const running = work({ db, given, afterCommit, breathe });
      return {
        value: await this.#withinItsTurns(running, over, () => (breath.isTaken ? Promise.resolve() : waits())),
        hooks,
      };
    } catch (error) {
      return { error };
    } finally {
      end();
    }
  }

  /** What a callback comes to, which may end its turn only for what `allowed` tells of. @throws Error where it waits for something else */
  async #withinItsTurns(
    running: Promise<unknown>,
    first: Promise<never>,
    allowed: () => Promise<void> | undefined,
  ): Promise<unknown> {
    for (let over = first; ; over = this.#turnOf.over()) {
      try {
        return await Promise.race([running, over]);
      } catch (error) {
        const waited = error === TURN_OVER ? allowed() : undefined;
        if (waited === undefined) throw error;
        await waited;
      }
    }
  }
}

interface Manner {
  /** Told each time the callback breathes. */
  readonly breathes: () => void;
  /** What it waits for beside its breaths; undefined where that is nothing. */
  readonly waits: () => Promise<void> | undefined;
}
