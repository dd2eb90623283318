import type { Kysely } from 'kysely';
import type { Witness } from '../ledger/witness.ts';
import type { Tables } from '../store/tables.ts';
import { groupsAbove, groupsBelow } from './nestedGroups.ts';

type Db = Kysely<Tables>;

/**
 * Says whether somebody who is stored as outside of a group is in it by the last records: then who wrote into the database took them
 * out, or a group that led there. Groups on the way are those that are stored; of a way of which two edges are gone nothing is known.
 */
export class KeptOut {
  readonly #db: Db;
  readonly #witness: Witness;
  readonly #below = new Map<string, readonly string[]>();
  readonly #above = new Map<string, readonly string[]>();

  constructor(db: Db, witness: Witness) {
    this.#db = db;
    this.#witness = witness;
  }

  /** Whether no record says that the person is in the group, itself or by way of others. */
  async is(person: string, group: string): Promise<boolean> {
    const below = this.#below.get(group) ?? (await groupsBelow(this.#db, group));
    this.#below.set(group, below);
    const above = this.#above.get(person) ?? (await groupsAbove(this.#db, person));
    this.#above.set(person, above);
    for (const into of [group, ...below])
      for (const member of [person, ...above])
        if (into !== member && (await this.#witness.member(this.#db, { group: into, member }))) return false;
    return true;
  }
}
