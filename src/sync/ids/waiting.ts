import type { Kysely } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import type { Identity } from '../../plan/identities.ts';
import type { Tables } from '../../store/tables.ts';
import { chunked } from '../state/reading.ts';

type Db = Kysely<Tables>;

/** Who waits for an id that belongs to somebody else, as passes found it; nothing is lost with it, for a whole pass finds it again. */
export class Waiting {
  readonly #controller: string;
  /** Folded ids by person. */
  readonly #wanted = new Map<string, string>();
  /** Of these, who was told: the id, and when it was paid there. Several who ask for one id go on waiting. */
  readonly #told = new Map<string, string>();
  /** Of these, whose id another one asked for, too, and asks for no more. */
  readonly #alone = new Set<string>();

  constructor(controller: string) {
    this.#controller = controller;
  }

  note(people: ReadonlyMap<string, Identity>, ids: IdStrategy): void {
    const givenUp = new Set<string>();
    for (const [person, identity] of people) {
      const problem = 'none' in identity ? identity.none : identity.problem;
      const before = this.#wanted.get(person);
      const now = problem === 'contested' && identity.wanted !== undefined ? foldId(identity.wanted, ids) : undefined;
      if (now === before) continue;
      if (before !== undefined && !('foldedId' in identity && identity.foldedId === before)) givenUp.add(before);
      this.#told.delete(person);
      if (now === undefined) this.#wanted.delete(person);
      else this.#wanted.set(person, now);
    }
    if (givenUp.size === 0) return;
    // Whoever was looked at beside them has it already, or waits for somebody else.
    for (const [person, id] of this.#wanted) if (givenUp.has(id) && !people.has(person)) this.#alone.add(person);
  }

  /**
   * Those whose id was of somebody who left and owes nothing there any more (semantics §1), and those whom another one who asked for it
   * makes room for. They are told once of each time it was paid, and of each time another one gave it up.
   */
  async freed(db: Db, breathe: Breathe): Promise<string[]> {
    const rows = await chunked([...new Set(this.#wanted.values())], breathe, (part) => this.#paid(db, part));
    const paid = new Map(rows.map(({ folded_id, at }) => [folded_id, `${folded_id} ${at}`]));
    const people: string[] = [];
    for (const [person, id] of this.#wanted) {
      const news = paid.get(id);
      const isNews = news !== undefined && this.#told.get(person) !== news;
      if (isNews) this.#told.set(person, news);
      if (isNews || this.#alone.has(person)) people.push(person);
    }
    this.#alone.clear();
    return people;
  }

  /** When these ids were paid last, of those at which nothing is owed any more. */
  #paid(db: Db, ids: readonly string[]) {
    return db
      .selectFrom('claims')
      .innerJoin('debts', (join) =>
        join
          .onRef('debts.controller', '=', 'claims.controller')
          .onRef('debts.folded_id', '=', 'claims.folded_id')
          .on('debts.state', '=', 'done'),
      )
      .select(({ fn }) => ['claims.folded_id', fn.max('debts.done_at').as('at')])
      .where('claims.controller', '=', this.#controller)
      .where('claims.state', '=', 'leaving')
      .where('claims.folded_id', 'in', ids)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('debts as other')
              .select('other.person')
              .whereRef('other.controller', '=', 'claims.controller')
              .whereRef('other.folded_id', '=', 'claims.folded_id')
              .where('other.state', 'in', ['open', 'held'])
              .where('other.released', '=', 0)
              .where('other.cause', '!=', 'unentitled'),
          ),
        ),
      )
      .groupBy('claims.folded_id')
      .execute();
  }
}
