import type { Controller } from '../../src/access/ports/controller.ts';
import type { Timers } from '../../src/access/ports/timers.ts';
import type { Store } from '../../src/store/store.ts';
import { passThrough } from '../sync/passThrough.ts';

/** The life of a process: it ends between two awaits, and whatever it waited for never comes. */
export class Life {
  over = false;
  /** Steps until the end; absent: none. */
  #left: number | undefined;

  endAfter(steps: number): void {
    this.#left = steps;
  }

  /** One step of the process: before or after it reached outside. */
  async step(): Promise<void> {
    if (this.#left !== undefined && --this.#left <= 0) this.over = true;
    if (this.over) await new Promise<never>(() => {});
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    await this.step();
    try {
      return await work();
    } finally {
      await this.step();
    }
  }
}

export function mortalStore(store: Store, life: Life): Store {
  return {
    ...store,
    clock: store.clock,
    write: (work, options) => life.through(() => store.write(work, options)),
    read: (work, options) => life.through(() => store.read(work, options)),
    ...(store.stamp === undefined ? {} : { stamp: (tables) => store.stamp!(tables) }),
    status: () => store.status(),
    server: () => store.server(),
    onElsewhere: (run) => store.onElsewhere(run),
    backup: (file) => store.backup(file),
    close: () => store.close(),
  };
}

export function mortalTimers(timers: Timers, life: Life): Timers {
  return {
    after: (milliseconds, run) => timers.after(milliseconds, () => (life.over ? undefined : run())),
    sleep: async (milliseconds, signal) => {
      await timers.sleep(milliseconds, signal);
      if (life.over) await new Promise<never>(() => {});
    },
    nextTurn: (run) => timers.nextTurn(() => (life.over ? undefined : run())),
  };
}

export function mortalController(controller: Controller, life: Life): Controller {
  const plain = passThrough(controller);
  return {
    name: plain.name,
    whoAmI: () => life.through(() => plain.whoAmI()),
    probe: () => life.through(() => plain.probe()),
    uses: () => life.through(() => plain.uses()),
    createToken: (name) => life.through(() => plain.createToken(name)),
    revokeToken: (uuid) => life.through(() => plain.revokeToken(uuid)),
    observe: () => life.through(() => plain.observe()),
    fingerprint: () => life.through(() => plain.fingerprint()),
    apply: (batch) => life.through(() => plain.apply(batch)),
    people: (ids) => life.through(() => plain.people(ids)),
    older: (ids) => life.through(() => plain.older(ids)),
    inventory: () => life.through(() => plain.inventory()),
    cut: (fence, orders) => life.through(() => plain.cut(fence, orders)),
    close: () => plain.close(),
  };
}
