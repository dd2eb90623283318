import type { StorePort } from '../access/ports/store.ts';
import type { UseCount } from '../access/ports/useCount.ts';
import type { Tables } from '../store/tables.ts';

/** Requests that are counted ahead: one write for so many. */
const AHEAD = 32;

interface Counted {
  /** As begun, and not begun yet. */
  readonly ahead: number;
  /** Not yet as ended. */
  readonly ended: number;
}

/**
 * The requests of one process to one controller, counted in the database ahead of them, so that no request is missing there after a
 * crash; what was counted too much is given back by `settle`.
 */
export class OwnUses implements UseCount {
  readonly #store: StorePort<Tables>;
  readonly #controller: string;
  /** Counted as begun, and not begun yet. */
  #ahead = 0;
  /** Ended, and not counted so yet. */
  #ended = 0;
  /** In which it counted. */
  #epoch: number | undefined;
  #counting: Promise<void> | undefined;

  constructor(store: StorePort<Tables>, controller: string) {
    this.#store = store;
    this.#controller = controller;
  }

  async begin(): Promise<void> {
    while (this.#ahead === 0) {
      this.#counting ??= this.#countAhead().finally(() => {
        this.#counting = undefined;
      });
      await this.#counting;
    }
    this.#ahead -= 1;
  }

  end(used: boolean): void {
    if (used) this.#ended += 1;
    else this.#ahead += 1;
  }

  /** The database tells what went, but for what is on its way. @returns how many ended since the last time */
  async settle(): Promise<number> {
    const counted = this.#taken();
    const { ahead, ended } = counted;
    if (ahead === 0 && ended === 0) return 0;
    await this.#undone(counted, () =>
      this.#store.write(({ db }) =>
        db
          .updateTable('token_uses')
          .set((e) => ({ begun: e('begun', '-', ahead), ended: e('ended', '+', ended) }))
          .where('controller', '=', this.#controller)
          .where('epoch', '=', this.#epoch!)
          .execute(),
      ),
    );
    return ended;
  }

  async #countAhead(): Promise<void> {
    const { ended } = this.#taken();
    const mine = this.#epoch ?? -1;
    this.#epoch = await this.#undone({ ahead: 0, ended }, () =>
      this.#store.write(async ({ db }) => {
        const { epoch } = await db
          .insertInto('token_uses')
          .values({ controller: this.#controller, epoch: 0, begun: AHEAD, ended: 0, others: 0 })
          .onConflict((conflict) =>
            conflict.column('controller').doUpdateSet((e) => ({
              begun: e('token_uses.begun', '+', AHEAD),
              ended: e('token_uses.ended', '+', e.case().when('token_uses.epoch', '=', mine).then(ended).else(0).end()),
            })),
          )
          .returning('epoch')
          .executeTakeFirstOrThrow();
        return epoch;
      }),
    );
    this.#ahead += AHEAD;
  }

  #taken(): Counted {
    const taken = { ahead: this.#ahead, ended: this.#ended };
    this.#ahead = 0;
    this.#ended = 0;
    return taken;
  }

  /** What was not stored is still to be counted. */
  async #undone<T>({ ahead, ended }: Counted, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      this.#ahead += ahead;
      this.#ended += ended;
      throw error;
    }
  }
}
