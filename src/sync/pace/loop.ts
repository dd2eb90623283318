import type { Clock } from '../../access/ports/clock.ts';
import type { Timer, Timers } from '../../access/ports/timers.ts';

/** Milliseconds after which it looks again at the latest. */
const LONGEST = 60_000;

/** Takes one turn after another, as long as there is something to do, and rests until the next is due or somebody wakes it. */
export class Loop {
  readonly #deps: { readonly clock: Clock; readonly timers: Timers };
  /** @returns when to look again at the latest, in milliseconds since the epoch */
  readonly #turn: () => Promise<number>;
  #woken = false;
  #stopped = false;
  #running: Promise<void> | undefined;
  #timer: Timer | undefined;

  constructor(deps: { readonly clock: Clock; readonly timers: Timers }, turn: () => Promise<number>) {
    this.#deps = deps;
    this.#turn = turn;
  }

  /** Begins at once; a call while it is at work makes it look again afterwards. */
  wake(): void {
    this.#woken = true;
    if (this.#stopped || this.#running !== undefined) return;
    this.#timer?.cancel();
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#woken && !this.#stopped) this.wake();
    });
  }

  /** Ends after the turn that it is in. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, timers } = this.#deps;
    let again = clock.now();
    do {
      this.#woken = false;
      again = await this.#turn();
    } while (!this.#stopped && (this.#woken || again <= clock.now()));
    if (this.#stopped) return;
    const wait = Math.max(1, again - clock.now());
    this.#timer = timers.after(Math.min(wait, LONGEST), () => this.wake());
  }
}
