import type { Kysely } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { Witness } from '../../ledger/witness.ts';
import type { Tables } from '../../store/tables.ts';
import { groupsAbove, groupsAmong, groupsBelow } from './nestedGroups.ts';

type Db = Kysely<Tables>;

/**
 * Says whether somebody who is stored as outside of a group is in it by the last records: then who wrote into the database took them
 * out, or groups that led there. Groups on the way are those that are stored and those that records put there.
 */
export class KeptOut {
  readonly #db: Db;
  readonly #witness: Witness;
  readonly #breathe: Breathe;
  readonly #below = new Map<string, readonly string[]>();
  readonly #above = new Map<string, readonly string[]>();
  readonly #inside = new Map<string, ReadonlySet<string>>();

  constructor(db: Db, witness: Witness, breathe: Breathe) {
    this.#db = db;
    this.#witness = witness;
    this.#breathe = breathe;
  }

  /** Whether no record says that the person is in the group, itself or by way of others. Each group's records are read once. */
  async is(person: string, group: string): Promise<boolean> {
    const below = this.#below.get(group) ?? (await this.#groupsIn(group));
    this.#below.set(group, below);
    const above = this.#above.get(person) ?? (await groupsAbove(this.#db, person));
    this.#above.set(person, above);
    for (const into of below) {
      const inside = await this.#membersOf(into);
      if ([person, ...above].some((member) => member !== into && inside.has(member))) return false;
    }
    return true;
  }

  /** A group and those in it, at any depth. */
  async #groupsIn(group: string): Promise<readonly string[]> {
    const found = new Set([group, ...(await groupsBelow(this.#db, group))]);
    // What is added while it is gone through has its turn, too.
    for (const into of found) {
      const open = [...(await this.#membersOf(into))].filter((member) => !found.has(member));
      for (const nested of await groupsAmong(this.#db, open, this.#breathe)) found.add(nested);
    }
    return [...found];
  }

  async #membersOf(group: string): Promise<ReadonlySet<string>> {
    const inside = this.#inside.get(group) ?? (await this.#witness.members(this.#db, group, this.#breathe));
    this.#inside.set(group, inside);
    return inside;
  }
}
