import type { Look } from './hands.ts';
import type { Process } from './process.ts';
import { personNow } from './scripts/person.ts';
import { mayDo } from './state/access.ts';
import { ROLE_TYPES } from './state/strategy.ts';

export function lookAt(process: Process): Look {
  return {
    holders(name) {
      const roles = ROLE_TYPES.map((type) => process.home.strategy.role({ type, name }));
      return roles.flatMap((role) => [...(role?.entries.values() ?? [])].map(({ id }) => id));
    },
    roles: (type) =>
      process.home.strategy.roles(type).map(({ template, ...role }) => ({
        ...role,
        type,
        ...(template === undefined || template === '' ? {} : { template }),
        entries: [...role.entries.values()],
      })),
    person(id) {
      const { entries, tokens, sshKeys, sshSessions, signedIn } = personNow(process.home, id);
      const password = process.home.people.get(id)?.password;
      return { entries: entries.length, tokens: tokens.length, sshKeys, sshSessions, signedIn, password };
    },
    may: (name, permission, item) =>
      mayDo(process.home, { name, anonymous: false, authorities: ['authenticated'] }, permission, item),
    get saves() {
      return process.home.saves;
    },
  };
}
