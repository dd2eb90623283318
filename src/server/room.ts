import type { Timers } from '../access/ports/timers.ts';

interface Waiting {
  /** Milliseconds that somebody waits before they are turned away. */
  readonly patience: number;
  readonly timers: Pick<Timers, 'after'>;
}

/** Lets in so much of something at once for each who asks; who does not fit waits for its turn. */
export class Room {
  readonly #size: number;
  readonly #waiting: Waiting;
  readonly #queues = new Map<string, Queue>();

  constructor(size: number, waiting: Waiting) {
    this.#size = size;
    this.#waiting = waiting;
  }

  /**
   * Resolves when there is room for `size`, at most all of it; what it gives is called to leave, once or more often. Undefined where that
   * took too long.
   */
  async enter(who: string, size: number): Promise<(() => void) | undefined> {
    const taken = Math.min(size, this.#size);
    const queue = this.#queues.get(who) ?? { used: 0, waiting: [] };
    this.#queues.set(who, queue);
    if (queue.waiting.length === 0 && queue.used + taken <= this.#size) queue.used += taken;
    else if (!(await this.#turn(who, queue, taken))) return undefined;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      queue.used -= taken;
      this.#admit(who, queue);
    };
  }

  /** Whether its turn came. */
  #turn(who: string, queue: Queue, taken: number): Promise<boolean> {
    return new Promise((resolve) => {
      const one = {
        taken,
        enter: () => {
          late.cancel();
          resolve(true);
        },
      };
      const late = this.#waiting.timers.after(this.#waiting.patience, () => {
        queue.waiting.splice(queue.waiting.indexOf(one), 1);
        // A smaller one behind it may fit.
        this.#admit(who, queue);
        resolve(false);
      });
      queue.waiting.push(one);
    });
  }

  #admit(who: string, queue: Queue): void {
    for (let next = queue.waiting[0]; next !== undefined; next = queue.waiting[0]) {
      if (queue.used + next.taken > this.#size) return;
      queue.used += next.taken;
      queue.waiting.shift();
      next.enter();
    }
    if (queue.used === 0) this.#queues.delete(who);
  }
}

interface Queue {
  used: number;
  readonly waiting: { readonly taken: number; readonly enter: () => void }[];
}
