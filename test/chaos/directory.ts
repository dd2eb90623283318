import type { ConnectionName } from './configuration.ts';
import { fold } from './controllers.ts';
import type { Group, Person } from './known.ts';

/** People and groups as providers pushed them, the deleted included. */
export class Directory {
  readonly people = new Map<string, Person>();
  readonly groups = new Map<string, Group>();

  personCalled(connection: ConnectionName, userName: string): Person | undefined {
    return this.living().find((one) => one.connection === connection && fold(one.userName) === fold(userName));
  }

  personWith(connection: ConnectionName, externalId: string): Person | undefined {
    return this.living().find(
      (one) =>
        one.connection === connection && one.externalId !== undefined && fold(one.externalId) === fold(externalId),
    );
  }

  groupCalled(connection: ConnectionName, name: string): Group | undefined {
    return this.#groupsOf(connection).find((group) => fold(group.name) === fold(name));
  }

  groupWith(connection: ConnectionName, externalId: string): Group | undefined {
    return this.#groupsOf(connection).find((group) => group.externalId === externalId);
  }

  #groupsOf(connection: ConnectionName): Group[] {
    return [...this.groups.values()].filter((group) => !group.deleted && group.connection === connection);
  }

  living(): Person[] {
    return [...this.people.values()].filter(({ deleted }) => !deleted);
  }

  /** People behind a group, through groups in it. */
  membersOf(group: Group, seen = new Set<string>()): Set<string> {
    const found = new Set<string>();
    if (seen.has(group.id) || group.deleted) return found;
    seen.add(group.id);
    for (const member of group.members) {
      const nested = this.groups.get(member);
      if (nested === undefined) found.add(member);
      else for (const id of this.membersOf(nested, seen)) found.add(id);
    }
    return found;
  }
}
