import type { Breathe, Transaction } from '../../access/ports/store.ts';
import { Attempt } from './attempt.ts';
import type { PostgresConnection } from './connection.ts';
import { isFatal } from './failure.ts';
import { Gate } from './gate.ts';
import { session } from './session.ts';

/** A write that somebody waits for. */
export interface Waiting<Tables> {
  readonly work: (tx: Transaction<Tables>) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Monotonic; STORE_BUSY or STORE_FAILED from then on. */
  readonly deadline: number;
  readonly lane?: string;
}

type Outcome = { readonly value: unknown; readonly hooks: readonly (() => void)[] } | { readonly error: unknown };

/** One write on its way: from its first statement, which waits for nothing, to the answer to its caller. */
export class Running<Tables> {
  readonly gate = new Gate();
  readonly #attempt = new Attempt(this.gate);
  readonly #one: Waiting<Tables>;
  readonly #breathe: Breathe;
  #running: Promise<Outcome> | undefined;
  #ended: Promise<void> | undefined;
  #outcome: Outcome | undefined;

  constructor(one: Waiting<Tables>, breathe: Breathe) {
    this.#one = one;
    this.#breathe = breathe;
  }

  get deadline(): number {
    return this.#one.deadline;
  }

  /** Whether this is what one of its statements met whose answer it did not wait for, and concerns nobody else. */
  isOwn(error: unknown): boolean {
    return this.#attempt.bad === error && !isFatal(error);
  }

  /** Behind the savepoint at a place of its batch. */
  start(place = 0): void {
    this.#attempt.place = place;
    this.#running = this.#run();
  }

  /** Whether it can be no part of a message that commits: it failed, or stands on something that is not known yet. */
  get isUnsure(): boolean {
    return this.#attempt.isGiven || this.failed;
  }

  /** Whether its callback has thrown. */
  get failed(): boolean {
    return this.#outcome !== undefined && 'error' in this.#outcome;
  }

  /** Resolves when the callback has ended; its last answers may be on their way. @throws what makes the whole batch worthless */
  ended(connection: PostgresConnection): Promise<void> {
    this.#ended ??= this.#end(connection);
    return this.#ended;
  }

  async #end(connection: PostgresConnection): Promise<void> {
    this.#outcome = await this.#running;
    if (this.#attempt.failure !== undefined) throw this.#attempt.failure;
    if (connection.ended) await connection.lost;
    if (this.failed) return;
    try {
      await this.#attempt.recover();
    } catch (error) {
      if (this.#attempt.failure !== undefined) throw error;
      this.#outcome = { error };
    }
  }

  /** Resolves when all its answers are there and good; rejects where it has to be undone. */
  confirmed(): Promise<void> {
    return this.#attempt.confirmed();
  }

  /**
   * Waits for its answers; where it failed or one of them is bad it is undone, with all that was sent behind it.
   * @returns whether it stands. @throws what makes the whole batch worthless
   */
  async settle(withdraw: () => void): Promise<boolean> {
    const refused = await this.#attempt.refusal();
    if (this.#attempt.failure !== undefined) throw this.#attempt.failure;
    if (refused !== undefined) this.#outcome = refused;
    else if (!this.failed) {
      try {
        await this.confirmed();
        return true;
      } catch (error) {
        if (this.#attempt.failure !== undefined) throw error;
        this.#outcome = { error };
      }
    }
    withdraw();
    await this.#attempt.undo();
    return false;
  }

  /** Answers the caller; all is durable. A hook that throws is told to `failed`. */
  tell(failed: (error: unknown) => void): void {
    const outcome = this.#outcome;
    if (outcome === undefined) return;
    if ('error' in outcome) {
      this.#one.reject(outcome.error);
      return;
    }
    for (const hook of outcome.hooks)
      try {
        hook();
      } catch (error) {
        failed(error);
      }
    this.#one.resolve(outcome.value);
  }

  reject(error: unknown): void {
    this.#one.reject(error);
  }

  async #run(): Promise<Outcome> {
    const { db, end } = session<Tables>(this.#attempt);
    const given = async (check: Promise<unknown>): Promise<void> => this.#attempt.given(check);
    const hooks: (() => void)[] = [];
    const afterCommit = (run: () => void): void => {
      hooks.push(run);
    };
    try {
      return {
        value: await Promise.race([this.#one.work({ db, given, afterCommit, breathe: this.#breathe }), this.gate.lost]),
        hooks,
      };
    } catch (error) {
      return { error };
    } finally {
      end();
      this.gate.close();
    }
  }
}
