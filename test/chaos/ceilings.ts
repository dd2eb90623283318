import { type Ceilings, CONNECTIONS, type ConnectionName, PERCENT } from './configuration.ts';
import { CONTROLLERS, type ControllerName, isGuarded } from './controllers.ts';
import { ABOVE, auditorOf, type PolicyShape } from './policies.ts';
import { idOf, roleOf, type Standing } from './standing.ts';

/** Within this nothing falls out of the window of losses. */
const WINDOW_MS = 60 * 60_000;

/** What stood there when it was looked at. */
interface Sight {
  readonly at: number;
  readonly shape: PolicyShape;
  /** Entries of people who count, with whose they are. */
  readonly entries: ReadonlyMap<string, string>;
  /** Ids of people who can act there. */
  readonly acting: ReadonlyMap<string, string>;
}

/** Between two looks no more is taken away than ceilings let through, whatever dies in between. */
export class Losses {
  readonly #standing: Standing;
  readonly #last = new Map<ControllerName, Sight>();
  /** Most people there were of a connection, or most entries on a controller. */
  readonly #most = new Map<ConnectionName | ControllerName, number>();

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  /** Hands or an operator took something away. */
  forget(name?: ControllerName): void {
    for (const one of name === undefined ? CONTROLLERS : [name]) this.#last.delete(one);
  }

  /** @returns what is too much */
  async look(ceilings: Ceilings, works: readonly ControllerName[]): Promise<string[]> {
    const problems: string[] = [];
    const left = new Map<ConnectionName, Set<string>>();
    for (const name of CONTROLLERS) {
      const before = this.#last.get(name);
      const now = this.#sight(name);
      this.#last.delete(name);
      if (!works.includes(name)) continue;
      this.#last.set(name, now);
      if (before === undefined || now.at - before.at >= WINDOW_MS || this.#standing.oracle.isDoubtful) continue;
      problems.push(...this.#grants(name, before, now, ceilings));
      for (const person of await this.#cut(name, before)) {
        const { connection } = this.#standing.oracle.people.get(person)!;
        left.set(connection, (left.get(connection) ?? new Set()).add(person));
      }
    }
    for (const connection of CONNECTIONS) {
      const most = this.#most.get(connection) ?? 0;
      const gone = left.get(connection)?.size ?? 0;
      if (gone > mostOf(ceilings, 1, most)) problems.push(`${gone} of ${most} of ${connection} were cut in an hour`);
      this.#count(connection, this.#standing.oracle.living().filter((one) => one.connection === connection).length);
    }
    return problems;
  }

  #count(what: ConnectionName | ControllerName, count: number): void {
    this.#most.set(what, Math.max(this.#most.get(what) ?? 0, count));
  }

  #sight(name: ControllerName): Sight {
    const { oracle, house } = this.#standing;
    const entries = new Map<string, string>();
    const acting = new Map<string, string>();
    const there = this.#standing.entries(name);
    this.#count(name, there.size);
    for (const [person, id] of oracle.claims[name]) {
      if (isGuarded(id) || oracle.ownerOf(name, id)?.id !== person) continue;
      if (!/^ 0 0$/.test(this.#standing.has(name, id))) acting.set(person, id);
      for (const key of there.keys()) if (idOf(key) === id) entries.set(key, person);
    }
    return { at: house.time.monotonic(), shape: oracle.shape, entries, acting };
  }

  /** Grants that people lost who neither left nor are called otherwise, where nothing they have gives as much. */
  #grants(name: ControllerName, before: Sight, now: Sight, ceilings: Ceilings): string[] {
    const { oracle } = this.#standing;
    // What ends by time counts against nothing, and who is called otherwise on a controller loses nothing.
    if ([before, now].some(({ shape }) => shape.interim !== undefined || shape.renamed !== now.shape.renamed))
      return [];
    const lost = [...before.entries].filter(([key, person]) => {
      const id = idOf(key);
      if (now.entries.has(key) || roleOf(key) === ABOVE || !oracle.counts(oracle.people.get(person)!)) return false;
      const others = ['administrator', 'browser', auditorOf(now.shape)].filter((role) => role !== roleOf(key));
      return oracle.claims[name].get(person) === id && !others.some((role) => now.entries.has(`${role} ${id}`));
    });
    const most = mostOf(ceilings, 2, this.#most.get(name) ?? 0);
    return lost.length > most ? [`${name}: ${lost.length} grants were lost in an hour: ${lost}; at most ${most}`] : [];
  }

  /** Who left, waits for nothing, and can act no more. */
  async #cut(name: ControllerName, before: Sight): Promise<string[]> {
    const { oracle } = this.#standing;
    const waiting = new Set((await this.#standing.waiting(name)).map(({ person }) => person));
    return [...before.acting].flatMap(([person, id]) => {
      const one = oracle.people.get(person)!;
      const hasLeft = (!one.active || one.deleted) && !oracle.declared.has(person) && !waiting.has(person);
      const owner = oracle.ownerOf(name, id);
      return hasLeft && owner === undefined && /^ 0 0$/.test(this.#standing.has(name, id)) ? [person] : [];
    });
  }
}

function mostOf(ceilings: Ceilings, tight: number, population: number): number {
  if (ceilings === 'loose') return Number.POSITIVE_INFINITY;
  return ceilings === 'tight' ? tight : Math.max(1, Math.floor((population * PERCENT) / 100));
}
