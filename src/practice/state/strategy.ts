import type { Principal } from '../../access/principal.ts';
import type { RoleKey, RoleType } from '../../access/role.ts';

/** A role with its entries; replaced, never changed, so that a saved copy costs nothing. */
export interface HeldRole {
  readonly name: string;
  readonly pattern: string;
  readonly permissions: readonly string[];
  /** `''` as REST leaves it in memory; absent once read from disk (topic 02-persistence, exchange 15). */
  readonly template?: string;
  /** In the order they came (CopyOnWriteArraySet). */
  readonly entries: ReadonlyMap<string, Principal>;
}

export interface SavedStrategy {
  readonly roles: Readonly<Record<RoleType, ReadonlyMap<string, HeldRole>>>;
  readonly templates: ReadonlyMap<string, readonly string[]>;
}

export const ROLE_TYPES: readonly RoleType[] = ['global', 'item', 'agent'];

export const NO_ROLES: SavedStrategy = {
  roles: { global: new Map(), item: new Map(), agent: new Map() },
  templates: new Map(),
};

/** Names one entry of a role, byte for byte. */
export function entryKey(principal: Principal): string {
  return `${principal.type}\u0000${principal.id}`;
}

/** Role-strategy's three maps and its templates as they are in memory. */
export class Strategy {
  readonly #roles: Record<RoleType, Map<string, HeldRole>>;
  readonly #templates: Map<string, readonly string[]>;

  constructor(saved: SavedStrategy) {
    this.#roles = {
      global: new Map(saved.roles.global),
      item: new Map(saved.roles.item),
      agent: new Map(saved.roles.agent),
    };
    this.#templates = new Map(saved.templates);
  }

  role(key: RoleKey): HeldRole | undefined {
    return this.#roles[key.type].get(key.name);
  }

  /** Sorted as a ConcurrentSkipListMap of strings is: by UTF-16 code units. */
  roles(type: RoleType): HeldRole[] {
    return [...this.#roles[type].values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  put(type: RoleType, role: HeldRole): void {
    this.#roles[type].set(role.name, role);
  }

  remove(key: RoleKey): void {
    this.#roles[key.type].delete(key.name);
  }

  /** Nothing happens where the role does not exist or holds the entry already. */
  assign(key: RoleKey, principal: Principal): void {
    const role = this.role(key);
    if (role === undefined || role.entries.has(entryKey(principal))) return;
    this.put(key.type, { ...role, entries: new Map(role.entries).set(entryKey(principal), principal) });
  }

  /** Exact, case-sensitive equality of kind and SID (RoleMap.deleteSids). */
  unassign(key: RoleKey, principal: Principal): void {
    const role = this.role(key);
    if (role === undefined || !role.entries.has(entryKey(principal))) return;
    const entries = new Map(role.entries);
    entries.delete(entryKey(principal));
    this.put(key.type, { ...role, entries });
  }

  template(name: string): readonly string[] | undefined {
    return this.#templates.get(name);
  }

  /** Creates or replaces a template; linked roles take its permissions and keep their entries. */
  putTemplate(name: string, permissions: readonly string[]): void {
    this.#templates.set(name, permissions);
    for (const role of this.linked(name)) this.put('item', { ...role, permissions });
  }

  /** Linked roles keep their permissions and lose the link. */
  removeTemplate(name: string): void {
    this.#templates.delete(name);
    for (const { template: _, ...role } of this.linked(name)) this.put('item', role);
  }

  linked(template: string): HeldRole[] {
    return this.roles('item').filter((role) => role.template === template);
  }

  /** What config.xml would hold: an empty template name is not written. */
  saved(): SavedStrategy {
    const written = new Map<string, HeldRole>();
    for (const [name, role] of this.#roles.item) {
      const { template, ...rest } = role;
      written.set(name, template === undefined || template === '' ? rest : role);
    }
    return {
      roles: { global: new Map(this.#roles.global), item: written, agent: new Map(this.#roles.agent) },
      templates: new Map(this.#templates),
    };
  }

  /** A copy of what is in memory, to put back. */
  copy(): SavedStrategy {
    const { global, item, agent } = this.#roles;
    const roles = { global: new Map(global), item: new Map(item), agent: new Map(agent) };
    return { roles, templates: new Map(this.#templates) };
  }
}
