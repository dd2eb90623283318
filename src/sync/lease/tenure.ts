import type { Timer } from '../../access/ports/timers.ts';
import { abandonRunning } from '../orders/commands.ts';
import type { SyncContext } from '../state/context.ts';
import { LEASE_MS, type Lease, letGo, NO_LEASE_MS, RENEW_MS, releaseLease, takeLease } from './lease.ts';
import { anotherServes } from './presence.ts';

/** Long enough for those who look every two seconds. */
const AWAY_MS = NO_LEASE_MS + 500;

type Keeping = Pick<SyncContext, 'store' | 'clock' | 'timers' | 'holder' | 'log'>;

/** The lease of one controller as its worker holds it: taken when there is work, renewed while a long pass runs, given back at the end. */
export class Tenure {
  readonly #context: Keeping;
  readonly #controller: string;
  #lease: Lease | undefined;
  /** Whether a lease was ever taken from somebody who did not give it back. */
  #overtook = false;
  #ended = false;
  /** Whether it was told that somebody else has it, since it was held. */
  #isTold = false;
  /** Milliseconds of the monotonic clock until which others come first. */
  #awayUntil = 0;
  #renewal: Timer | undefined;

  constructor(context: Keeping, controller: string) {
    this.#context = context;
    this.#controller = controller;
  }

  get #isAway(): boolean {
    return this.#context.clock.monotonic() < this.#awayUntil;
  }

  get isHeld(): boolean {
    return this.#lease !== undefined;
  }

  /** The lease, taken or renewed; undefined while somebody else has it. `begun` is told of a new one, which starts from nothing. */
  async hold(begun: () => void): Promise<Lease | undefined> {
    const { clock, timers, log } = this.#context;
    if (this.#isAway) return undefined;
    if (this.#lease !== undefined && this.#lease.expiresAt - clock.now() > LEASE_MS / 2) return this.#lease;
    const lease = await this.#take();
    if (lease !== undefined && lease.fence !== this.#lease?.fence) {
      begun();
      await abandonRunning(this.#context, this.#controller);
    }
    if (lease === undefined && !this.#isTold)
      log.info('another process works on a controller', { controller: this.#controller });
    this.#isTold = lease === undefined;
    this.#lease = lease;
    this.#renewal?.cancel();
    this.#renewal = timers.after(RENEW_MS, () => void this.#renew());
    return lease;
  }

  /** Somebody else took it. */
  lost(): void {
    this.#lease = undefined;
  }

  /**
   * Lets another process that serves try its luck: it may reach the controller, or have the token that this one lacks. Who comes back
   * before anybody took it goes on as it was. @returns until when it does not ask for the lease; 0 where it keeps it
   */
  async giveWay(): Promise<number> {
    const { store, clock } = this.#context;
    // Whoever is woken meanwhile is not away any longer for that.
    if (this.#isAway) return clock.now() + Math.ceil(this.#awayUntil - clock.monotonic());
    if (this.#lease === undefined || !(await anotherServes(this.#context))) return 0;
    this.#renewal?.cancel();
    this.#awayUntil = clock.monotonic() + AWAY_MS;
    this.#lease = { ...this.#lease, expiresAt: 0 };
    await letGo(store, this.#lease);
    return clock.now() + AWAY_MS;
  }

  /** Gives it back. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#renewal?.cancel();
    if (this.#lease !== undefined) await releaseLease(this.#context.store, this.#lease).catch(() => {});
  }

  async #take(): Promise<Lease | undefined> {
    const { store, clock, holder } = this.#context;
    const lease = await takeLease(store, clock, holder, this.#controller, this.#lease);
    this.#overtook ||= lease?.overtook === true || this.#lease?.overtook === true;
    const told = this.#lease?.told;
    return lease && { ...lease, overtook: this.#overtook, ...(told === undefined ? {} : { told }) };
  }

  async #renew(): Promise<void> {
    if (this.#ended || this.#lease === undefined || this.#isAway) return;
    const lease = await this.#take().catch(() => undefined);
    // The same object: who works under it may raise its fence.
    if (lease !== undefined && lease.fence === this.#lease?.fence) this.#lease.expiresAt = lease.expiresAt;
    if (!this.#ended) this.#renewal = this.#context.timers.after(RENEW_MS, () => void this.#renew());
  }
}
