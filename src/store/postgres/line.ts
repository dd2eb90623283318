import type { PostgresConnection } from './connection.ts';
import type { Running } from './running.ts';
import { mark } from './transaction.ts';

/** Writes that are sent one behind the other before it is known whether the first of them stands. */
const LONGEST = 16;

interface Sent<Tables> {
  readonly one: Running<Tables>;
  /** Of its savepoint. */
  readonly place: number;
  /** Resolves when all those before it are known to stand. */
  readonly ready: Promise<unknown>;
}

/**
 * The writes of one transaction, in their order. One whose callback waits for nothing is followed by the next in the same message. None
 * is answered before all those before it are known to stand: where one does not, it is undone with everything that was sent behind
 * it, and that is sent again.
 */
export class Line<Tables> {
  readonly #connection: PostgresConnection;
  /** Those of which it is not known whether they stand. */
  #unsure: Sent<Tables>[];
  /** Of the next savepoint. */
  #place = 1;

  /** The transaction has begun, with the first write. */
  constructor(connection: PostgresConnection, first: Running<Tables>) {
    this.#connection = connection;
    this.#unsure = [{ one: first, place: 0, ready: Promise.resolve() }];
  }

  /** Sends the next write behind the last one, which is over. */
  add(one: Running<Tables>): void {
    const place = this.#place++;
    const last = this.#unsure.at(-1);
    const ready = Promise.all([last?.ready, last?.one.confirmed(), mark(this.#connection, place)]);
    this.#unsure.push({ one, place, ready });
    one.gate.offer(this.#connection, ready);
    one.start(place);
  }

  /** Resolves when another one can be sent behind the last. @throws what makes the whole batch worthless */
  async over(): Promise<void> {
    const last = this.#unsure.at(-1)!;
    const ended = last.one.ended(this.#connection);
    const first = await Promise.race([
      ended.then(() => 'ended'),
      last.ready.then(
        () => 'open',
        () => 'bad',
      ),
    ]);
    if (first === 'open') {
      // Those before it stand.
      this.#unsure = [last];
      await ended;
    }
    if (first === 'bad' || last.one.failed || this.#place >= LONGEST) await this.settle();
  }

  /** Resolves when it is known of all whether they stand. @throws what makes the whole batch worthless */
  async settle(): Promise<void> {
    const left = this.#unsure.splice(0);
    let again = false;
    for (let sent = left.shift(); sent !== undefined; sent = left.shift()) {
      await (again ? this.#resend(sent) : sent.ready);
      const stands = await sent.one.settle(() => {
        for (const { one } of left) one.gate.withdraw();
      });
      again ||= !stands;
    }
    this.#place = 0;
  }

  async #resend({ one, place }: Sent<Tables>): Promise<void> {
    const marked = mark(this.#connection, place);
    one.gate.offer(this.#connection, marked);
    await marked;
    await one.ended(this.#connection);
  }
}
