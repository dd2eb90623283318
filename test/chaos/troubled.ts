import type { Controller } from '../../src/access/ports/controller.ts';
import { refuse } from '../../src/errors.ts';
import { passThrough } from '../sync/passThrough.ts';
import type { MovableTime } from './time.ts';

/** What goes wrong with a call: before it is heard, after it is done, it answers nonsense, or takes its time. */
export const TROUBLES = ['unreachable', 'lost-answer', 'timeout-after', 'restarting', 'slow'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Milliseconds that a call is on its way, whoever sent it, and so long again until it is answered. */
const SLOW = 8_000;

/** A controller whose next calls go wrong, in order. Reads that are cut have no effect; changes may be done all the same. */
export class Troubled {
  readonly next: Trouble[] = [];
  /** Nobody hears anything there, for as long as it stays so. */
  down = false;

  readonly #time: MovableTime;

  constructor(time: MovableTime) {
    this.#time = time;
  }

  around(controller: Controller): Controller {
    const plain = passThrough(controller);
    const reached = async <T>(work: () => Promise<T>): Promise<T> => {
      if (!this.down) return work();
      throw refuse('JEN_UNREACHABLE', { controller: plain.name, reason: 'down' });
    };
    const read = async <T>(work: () => Promise<T>): Promise<T> => {
      if (this.down) return reached(work);
      const trouble = this.next.shift();
      if (trouble === undefined) return work();
      if (trouble === 'slow') return this.#slowly(work);
      throw refuse(trouble === 'restarting' ? 'JEN_RESTARTING' : 'JEN_UNREACHABLE', {
        controller: plain.name,
        reason: trouble,
      });
    };
    return {
      ...plain,
      uses: () => reached(() => plain.uses()),
      older: (ids) => reached(() => plain.older(ids)),
      inventory: () => reached(() => plain.inventory()),
      whoAmI: () => read(() => plain.whoAmI()),
      probe: () => read(() => plain.probe()),
      observe: () => read(() => plain.observe()),
      fingerprint: () => read(() => plain.fingerprint()),
      people: (ids) => read(() => plain.people(ids)),
      apply: async (batch) => {
        if (this.down) return { outcome: 'unknown', reason: 'down' };
        const trouble = this.next.shift();
        if (trouble === undefined) return plain.apply(batch);
        if (trouble === 'slow') return this.#slowly(() => plain.apply(batch));
        if (trouble === 'unreachable') return { outcome: 'unknown', reason: trouble };
        if (trouble === 'restarting') throw refuse('JEN_RESTARTING', { controller: plain.name, reason: trouble });
        await plain.apply(batch);
        if (trouble === 'timeout-after') throw refuse('JEN_TIMEOUT', { controller: plain.name, reason: trouble });
        return { outcome: 'unknown', reason: trouble };
      },
      cut: async (fence, orders) => {
        if (this.down) return { outcome: 'unknown', results: [], reason: 'down' };
        const trouble = this.next.shift();
        if (trouble === undefined) return plain.cut(fence, orders);
        if (trouble === 'slow') return this.#slowly(() => plain.cut(fence, orders));
        if (trouble === 'unreachable') return { outcome: 'unknown', results: [], reason: trouble };
        if (trouble === 'restarting') throw refuse('JEN_RESTARTING', { controller: plain.name, reason: trouble });
        await plain.cut(fence, orders);
        if (trouble === 'timeout-after') throw refuse('JEN_TIMEOUT', { controller: plain.name, reason: trouble });
        return { outcome: 'unknown', results: [], reason: trouble };
      },
    };
  }

  async #slowly<T>(work: () => Promise<T>): Promise<T> {
    await this.#time.sleep(SLOW);
    const done = await work();
    await this.#time.sleep(SLOW);
    return done;
  }
}
