import type { Kysely } from 'kysely';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import type { Identity } from '../../plan/identities.ts';
import type { Tables } from '../../store/tables.ts';

/** Who waits for an id that belongs to somebody else, as passes found it; nothing is lost with it, for a whole pass finds it again. */
export class Waiting {
  readonly #controller: string;
  /** Folded ids by person. */
  readonly #wanted = new Map<string, string>();
  /** Of these, who was told: the id, and when it was paid there. Several who ask for one id go on waiting. */
  readonly #told = new Map<string, string>();

  constructor(controller: string) {
    this.#controller = controller;
  }

  note(people: ReadonlyMap<string, Identity>, ids: IdStrategy): void {
    for (const [person, identity] of people) {
      const problem = 'none' in identity ? identity.none : identity.problem;
      if (problem === 'contested' && identity.wanted !== undefined)
        this.#wanted.set(person, foldId(identity.wanted, ids));
      else if (this.#wanted.delete(person)) this.#told.delete(person);
    }
  }

  /** Those whose id was of somebody who left and owes nothing there any more (semantics §1). They are told once of each time it was paid. */
  async freed(db: Kysely<Tables>): Promise<string[]> {
    if (this.#wanted.size === 0) return [];
    const rows = await db
      .selectFrom('claims')
      .innerJoin('debts', (join) =>
        join
          .onRef('debts.controller', '=', 'claims.controller')
          .onRef('debts.folded_id', '=', 'claims.folded_id')
          .onRef('debts.person', '=', 'claims.person')
          .on('debts.state', '=', 'done'),
      )
      .select(({ fn }) => ['claims.folded_id', fn.max('debts.done_at').as('at')])
      .where('claims.controller', '=', this.#controller)
      .where('claims.state', '=', 'leaving')
      .where('claims.folded_id', 'in', [...new Set(this.#wanted.values())].slice(0, ASKED))
      .groupBy('claims.folded_id')
      .execute();
    const paid = new Map(rows.map(({ folded_id, at }) => [folded_id, `${folded_id} ${at}`]));
    const people: string[] = [];
    for (const [person, id] of this.#wanted) {
      const news = paid.get(id);
      if (news === undefined || this.#told.get(person) === news) continue;
      this.#told.set(person, news);
      people.push(person);
    }
    return people;
  }
}

/** Most ids that are asked for at once; the others come with a later pass. */
const ASKED = 1_000;
