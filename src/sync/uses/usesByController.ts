import type { Clock } from '../../access/ports/clock.ts';
import type { StorePort } from '../../access/ports/store.ts';
import type { Tables } from '../../store/tables.ts';
import { OwnUses } from './ownUses.ts';

/** The counts of one process, by controller. */
export class UsesByController {
  readonly #store: StorePort<Tables>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #counts = new Map<string, OwnUses>();

  constructor(store: StorePort<Tables>, clock: Pick<Clock, 'monotonic'>) {
    this.#store = store;
    this.#clock = clock;
  }

  of(controller: string): OwnUses {
    const known = this.#counts.get(controller);
    if (known !== undefined) return known;
    const made = new OwnUses(this.#store, this.#clock, controller);
    this.#counts.set(controller, made);
    return made;
  }

  /** The last thing before the database is closed. Where it fails, the next looks find out that this process is gone. */
  async settle(): Promise<void> {
    await Promise.allSettled([...this.#counts.values()].map((count) => count.settle()));
  }
}
