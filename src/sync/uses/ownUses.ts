import type { ExpressionBuilder } from 'kysely';
import type { Clock } from '../../access/ports/clock.ts';
import type { StorePort } from '../../access/ports/store.ts';
import type { UseCount } from '../../access/ports/useCount.ts';
import type { Tables } from '../../store/tables.ts';

/** Requests that are counted ahead: one write for so many. */
const AHEAD = 32;
/** How long they are: afterwards others take them for those of a process that is gone. */
export const KEPT_MS = 300_000;

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
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #controller: string;
  /** Counted as begun, and not begun yet. */
  #ahead = 0;
  /** Ended, and not counted so yet. */
  #ended = 0;
  /** By the monotonic clock. */
  #countedAt = 0;
  /** In which it counted. */
  #epoch: number | undefined;
  #counting: Promise<void> | undefined;

  constructor(store: StorePort<Tables>, clock: Pick<Clock, 'monotonic'>, controller: string) {
    this.#store = store;
    this.#clock = clock;
    this.#controller = controller;
  }

  async begin(): Promise<void> {
    while (this.#ahead === 0 || this.#clock.monotonic() - this.#countedAt >= KEPT_MS) {
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
    // Another one may be stored before this is.
    const mine = this.#epoch!;
    await this.#undone(counted, () =>
      this.#store.write(({ db }) =>
        db
          .updateTable('token_uses')
          .set((e) => ({ begun: e('begun', '-', ahead), ended: e('ended', '+', ended) }))
          .where('controller', '=', this.#controller)
          .where('epoch', '=', mine)
          .execute(),
      ),
    );
    return ended;
  }

  async #countAhead(): Promise<void> {
    const counted = this.#taken();
    const { ahead, ended } = counted;
    const mine = this.#epoch ?? -1;
    const at = this.#clock.monotonic();
    this.#epoch = await this.#undone(counted, () =>
      this.#store.write(async ({ db }) => {
        const { epoch } = await db
          .insertInto('token_uses')
          .values({ controller: this.#controller, epoch: 0, begun: AHEAD, ended: 0, others: 0 })
          .onConflict((conflict) =>
            conflict.column('controller').doUpdateSet((e) => ({
              begun: e('token_uses.begun', '+', inEpoch(e, mine, AHEAD - ahead, AHEAD)),
              ended: e('token_uses.ended', '+', inEpoch(e, mine, ended, 0)),
            })),
          )
          .returning('epoch')
          .executeTakeFirstOrThrow();
        return epoch;
      }),
    );
    this.#ahead += AHEAD;
    this.#countedAt = at;
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

/** One number where the row is of this epoch, another one where it is not. */
function inEpoch(e: ExpressionBuilder<Tables, 'token_uses'>, epoch: number, here: number, otherwise: number) {
  return e.case().when('token_uses.epoch', '=', epoch).then(here).else(otherwise).end();
}
