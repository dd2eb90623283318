/** Lets in so much of something at once for each who asks; who does not fit waits for its turn. */
export class Room {
  readonly #size: number;
  readonly #queues = new Map<string, Queue>();

  constructor(size: number) {
    this.#size = size;
  }

  /** Resolves when there is room for `size`, at most all of it; what it gives is called to leave, once or more often. */
  async enter(who: string, size: number): Promise<() => void> {
    const taken = Math.min(size, this.#size);
    const queue = this.#queues.get(who) ?? { used: 0, waiting: [] };
    this.#queues.set(who, queue);
    if (queue.waiting.length === 0 && queue.used + taken <= this.#size) queue.used += taken;
    else await new Promise<void>((enter) => queue.waiting.push({ taken, enter }));
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      queue.used -= taken;
      this.#admit(who, queue);
    };
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
