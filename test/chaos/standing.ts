import { type ControllerName, type Each, each, foldOn } from './controllers.ts';
import type { House } from './house.ts';
import { ROLES, type Wanted } from './known.ts';
import type { Oracle } from './oracle.ts';
import { ABOVE, auditorOf } from './policies.ts';

export interface Credentials {
  readonly tokens: number;
  /** Since these were made their owner neither left nor was called otherwise nor had nothing there. */
  safe: boolean;
}

/** What stands on the controllers, and who put it there. Keys are `role id`, ids folded. */
export class Standing {
  readonly house: House;
  readonly oracle: Oracle;
  /** Ceilings are low, or were: what they may hold may wait. */
  tight: boolean;
  /** Entries that hands made, and that are not ours. */
  readonly byHand: Each<Set<string>> = each(() => new Set());
  readonly owned: Each<Set<string>> = each(() => new Set());
  /** Entries that hands made where ours had stood: ours again, or theirs, as the service had let go of it by then or not. */
  readonly either: Each<Set<string>> = each(() => new Set());
  /** Entries that hands made for people and groups alike: one of ours may stand beside each. */
  readonly both: Each<Set<string>> = each(() => new Set());
  /** Of what hands made, what may be gone: whoever has the id left, came back or is called otherwise since. */
  readonly unsure: Each<Set<string>> = each(() => new Set());
  /** Of what hands made, what is nowhere but in memory, for all that they know. */
  readonly unsaved: Each<Set<string>> = each(() => new Set());
  /** Ids that had credentials made while a connection was paused: of whoever left before, they stay until it is resumed. */
  readonly meanwhile: Each<Set<string>> = each(() => new Set());
  /** Records of users that somebody kept. */
  readonly records: Partial<Record<ControllerName, { putBack(): void }>> = {};
  /** Ids that were given free: what is owed there is the new owner's meanwhile. */
  readonly givenFree: Each<Set<string>> = each(() => new Set());
  /** What people of a paused connection have, by folded id, since it was paused. */
  readonly frozen: Each<Map<string, string>> = each(() => new Map());
  /** By folded id. */
  readonly credentials: Each<Map<string, Credentials>> = each(() => new Map());
  /** Hands did something since the last whole look. */
  readonly edited: Record<ControllerName, boolean> = each(() => false);
  /** Roles that hands defined. */
  readonly handRoles: Each<Set<string>> = each(() => new Set());
  /** Pages that somebody has open: they save all entries as they were then. */
  readonly pages: Partial<Record<ControllerName, { save(): void }>> = {};
  /** What the oracle said last. */
  readonly wanted: Record<ControllerName, ReadonlyMap<string, Wanted>> = each(() => new Map());
  readonly #last: Record<ControllerName, string> = each(() => '');

  constructor(house: House, oracle: Oracle, tight: boolean) {
    this.house = house;
    this.oracle = oracle;
    this.tight = tight;
  }

  /** Everybody who stands there, with how often. */
  entries(name: ControllerName): Map<string, number> {
    const found = new Map<string, number>();
    for (const role of ROLES)
      for (const id of this.house.practices[name].look.holders(role)) {
        const key = `${role} ${foldOn(name, id)}`;
        found.set(key, (found.get(key) ?? 0) + 1);
      }
    return found;
  }

  /** Whether somebody has to have anything there. */
  isEntitled(name: ControllerName, id: string): boolean {
    return [...this.wanted[name]].some(([key, { must }]) => must && idOf(key) === id);
  }

  /** Whether what hands put into a role does not stay. */
  isExclusive(role: string): boolean {
    return this.oracle.shape.exclusive && role === auditorOf(this.oracle.shape);
  }

  /** Hands changed something: from here on that is how it stands. */
  handled(name: ControllerName): void {
    this.edited[name] = true;
    this.#last[name] = this.#print(name);
  }

  /** Its memory is what was saved. */
  restarted(name: ControllerName): void {
    this.edited[name] = true;
    if (this.unsaved[name].size === 0) return;
    for (const key of this.unsaved[name]) this.frozen[name].delete(idOf(key));
    this.unsaved[name].clear();
    this.handled(name);
  }

  /** Somebody has credentials of this id. */
  made(name: ControllerName, id: string): void {
    if (this.oracle.paused.size > 0) this.meanwhile[name].add(id);
  }

  /** The owner of an id left, came back or is called otherwise. */
  moved(name: ControllerName, id: string): void {
    const known = this.credentials[name].get(id);
    if (known !== undefined) known.safe = false;
    for (const key of this.byHand[name]) if (idOf(key) === id) this.unsure[name].add(key);
  }

  /** What hands made and rules give is ours from here on; `isSeen`: what rules give was compared just now. */
  adopted(name: ControllerName, isSeen: boolean): void {
    for (const [key, { must }] of this.wanted[name]) {
      if (!this.byHand[name].has(key) || (isSeen && !must)) continue;
      if (isSeen) {
        this.byHand[name].delete(key);
        this.owned[name].add(key);
      } else {
        this.either[name].add(key);
        this.unsure[name].add(key);
      }
    }
  }

  /** What is owned is not ours any more, and no role is. */
  disowned(name: ControllerName): void {
    for (const key of this.entries(name).keys()) this.byHand[name].add(key);
    this.owned[name].clear();
    for (const role of ROLES) this.handRoles[name].add(role);
  }

  /** People of connections that are paused keep what they have from here on. */
  freeze(name: ControllerName): void {
    this.frozen[name].clear();
    for (const [person, id] of this.oracle.claims[name])
      if (this.oracle.isPaused(this.oracle.people.get(person)!)) this.frozen[name].set(id, this.has(name, id));
  }

  /** Whether an id is somebody's whose connection is paused. */
  isFrozen(name: ControllerName, id: string): boolean {
    const owner = this.oracle.ownerOf(name, id);
    return owner !== undefined && this.oracle.isPaused(owner);
  }

  /** @returns what people of paused connections have otherwise than when it was paused */
  thawed(name: ControllerName): string[] {
    return [...this.frozen[name]].flatMap(([id, before]) => {
      const owner = this.oracle.ownerOf(name, id);
      const now = this.has(name, id);
      return owner === undefined || !this.oracle.isPaused(owner) || now === before
        ? []
        : [`${name}: ${id}, whose connection is paused, has ${now} instead of ${before}`];
    });
  }

  /** What an id has there: entries and credentials. */
  has(name: ControllerName, id: string): string {
    const roles = [...this.entries(name).keys()].filter((key) => idOf(key) === id).map(roleOf);
    const { tokens, sshKeys } = this.house.practices[name].look.person(id);
    return `${roles.sort()} ${tokens} ${sshKeys}`;
  }

  /** The ids that the service says people have, folded. */
  async told(name: ControllerName): Promise<ReadonlyMap<string, string>> {
    const rows = await this.house.store.read((db) =>
      db
        .selectFrom('claims')
        .select(['person', 'folded_id'])
        .where('controller', '=', name)
        .where('state', '=', 'current')
        .execute(),
    );
    return new Map(rows.map(({ person, folded_id }) => [person, folded_id]));
  }

  /** What leavers, and ids that were given up, owe and what waits; several may owe at one id. */
  async waiting(name: ControllerName): Promise<{ id: string; person: string; cause: string }[]> {
    const rows = await this.house.store.read((db) =>
      db.selectFrom('debts').selectAll().where('controller', '=', name).execute(),
    );
    return rows
      .filter(({ state, cause }) => state === 'held' && cause !== 'unentitled')
      .map(({ folded_id: id, person, cause }) => ({ id, person, cause }));
  }

  /** All is as it has to be: who owns what from here on. */
  remember(name: ControllerName, settled: boolean): void {
    if (!settled && this.edited[name]) return;
    if (settled) this.edited[name] = false;
    const there = this.entries(name);
    for (const [key, { must }] of this.wanted[name]) {
      if (!there.has(key) || !must) continue;
      const matched = key.startsWith('qa ') && this.byHand[name].has(key);
      if (matched) continue;
      this.owned[name].add(key);
      this.byHand[name].delete(key);
      if (there.get(key) === 1) this.either[name].delete(key);
    }
    for (const keys of [this.byHand[name], this.either[name], this.both[name]])
      for (const key of keys) if (!there.has(key)) keys.delete(key);
    for (const [id, known] of this.credentials[name]) {
      const { tokens } = this.house.practices[name].look.person(id);
      if (!this.isEntitled(name, id) || tokens === 0 || known.tokens !== tokens)
        this.credentials[name].set(id, { tokens, safe: false });
    }
    this.#last[name] = this.#print(name);
  }

  /** Where the service only adds, nobody loses anything but by hand. @returns who did */
  taken(name: ControllerName): string[] {
    const [before] = JSON.parse(this.#last[name] || '[[]]') as [string[]];
    const now = this.entries(name);
    return before.filter((key) => !now.has(key)).map((key) => `${name}: ${key} is gone, and the mode is add-only`);
  }

  /** Where the service must not act, nothing changed but by hand. @returns what did */
  untouched(name: ControllerName): string[] {
    const now = this.#print(name);
    const words = new Set(
      [...this.oracle.everDeclared].map((id) => this.oracle.wish(name, this.oracle.people.get(id)!)),
    );
    const others = (print: string): string => {
      const [keys, ...roles] = JSON.parse(print || '[[]]') as [string[], ...unknown[]];
      return JSON.stringify([keys.filter((key) => !words.has(idOf(key))), ...roles]);
    };
    const problems =
      others(now) === others(this.#last[name])
        ? []
        : [`${name} was changed though it is only observed or paused: ${this.#last[name]} became ${now}`];
    this.#last[name] = now;
    return problems;
  }

  #print(name: ControllerName): string {
    const { look } = this.house.practices[name];
    return JSON.stringify([
      [...this.entries(name).keys()].sort(),
      look.roles('global').map((role) => role.permissions),
      look.roles('item').map((role) => [role.name, role.permissions]),
    ]);
  }
}

export const roleOf = (key: string): string => key.slice(0, key.indexOf(' '));
export const idOf = (key: string): string => key.slice(key.indexOf(' ') + 1);
export const typeOf = (role: string): 'global' | 'item' =>
  role.endsWith('-developer') || role === 'qa' || role === ABOVE ? 'item' : 'global';
