import type { Controller } from '../../src/access/ports/controller.ts';
import type { Timers } from '../../src/access/ports/timers.ts';
import type { Store } from '../../src/store/store.ts';
import { passThrough } from '../sync/passThrough.ts';

/** The life of a process: it ends between two awaits, and whatever it waited for never comes; or it stands still there for a while. */
export class Life {
  readonly #end = Promise.withResolvers<undefined>();
  /** When it is over. */
  readonly ended = this.#end.promise;
  #over = false;
  #frozen: { readonly until: Promise<void>; readonly thaw: () => void } | undefined;
  /** Steps until the end; absent: none. */
  #left: number | undefined;

  endAfter(steps: number): void {
    this.#left = steps;
  }

  get over(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
    this.#end.resolve(undefined);
    this.thaw();
  }

  get frozen(): boolean {
    return this.#frozen !== undefined;
  }

  /** As a machine that is suspended: nothing of it goes on until it thaws, and then as if no time had passed. */
  freeze(): void {
    if (this.#frozen !== undefined) return;
    const { promise: until, resolve: thaw } = Promise.withResolvers<void>();
    this.#frozen = { until, thaw };
  }

  thaw(): void {
    this.#frozen?.thaw();
    this.#frozen = undefined;
  }

  /** One step of the process: before or after it reached outside. */
  async step(): Promise<void> {
    if (this.#left !== undefined && --this.#left <= 0) this.end();
    while (this.#frozen !== undefined && !this.over) await this.#frozen.until;
    if (this.over) await new Promise<never>(() => {});
  }

  /** Runs once the process is not frozen, unless it is over by then. */
  async later(run: () => void): Promise<void> {
    while (this.#frozen !== undefined && !this.over) await this.#frozen.until;
    if (!this.over) run();
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
    after: (milliseconds, run) =>
      timers.after(milliseconds, () => (life.frozen ? void life.later(run) : life.over ? undefined : run())),
    sleep: async (milliseconds, signal) => {
      await timers.sleep(milliseconds, signal);
      if (life.frozen) await life.later(() => {});
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
