import type { Controller } from '../../src/access/ports/controller.ts';
import { refuse } from '../../src/errors.ts';
import { passThrough } from '../sync/passThrough.ts';

/** What goes wrong with a call: before it is heard, after it is done, or it answers nonsense. */
export const TROUBLES = ['unreachable', 'lost-answer', 'timeout-after', 'restarting'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** A controller whose next calls go wrong, in order. Reads that are cut have no effect; changes may be done all the same. */
export class Troubled {
  readonly next: Trouble[] = [];

  around(controller: Controller): Controller {
    const plain = passThrough(controller);
    const read = async <T>(work: () => Promise<T>): Promise<T> => {
      const trouble = this.next.shift();
      if (trouble === undefined) return work();
      throw refuse(trouble === 'restarting' ? 'JEN_RESTARTING' : 'JEN_UNREACHABLE', {
        controller: plain.name,
        reason: trouble,
      });
    };
    return {
      ...plain,
      whoAmI: () => read(() => plain.whoAmI()),
      probe: () => read(() => plain.probe()),
      observe: () => read(() => plain.observe()),
      fingerprint: () => read(() => plain.fingerprint()),
      people: (ids) => read(() => plain.people(ids)),
      apply: async (batch) => {
        const trouble = this.next.shift();
        if (trouble === undefined) return plain.apply(batch);
        if (trouble === 'unreachable') return { outcome: 'unknown', reason: trouble };
        if (trouble === 'restarting') throw refuse('JEN_RESTARTING', { controller: plain.name, reason: trouble });
        await plain.apply(batch);
        if (trouble === 'timeout-after') throw refuse('JEN_TIMEOUT', { controller: plain.name, reason: trouble });
        return { outcome: 'unknown', reason: trouble };
      },
      cut: async (fence, orders) => {
        const trouble = this.next.shift();
        if (trouble === undefined) return plain.cut(fence, orders);
        if (trouble === 'unreachable') return { outcome: 'unknown', results: [], reason: trouble };
        if (trouble === 'restarting') throw refuse('JEN_RESTARTING', { controller: plain.name, reason: trouble });
        await plain.cut(fence, orders);
        if (trouble === 'timeout-after') throw refuse('JEN_TIMEOUT', { controller: plain.name, reason: trouble });
        return { outcome: 'unknown', results: [], reason: trouble };
      },
    };
  }
}
