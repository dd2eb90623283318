import type { Principal } from '../../access/principal.ts';
import type { PracticeOptions, PracticeUser } from '../options.ts';
import { PERMISSIONS } from './catalogue.ts';
import type { Disk } from './home.ts';
import { People } from './people.ts';
import { entryKey, type HeldRole, NO_ROLES, Strategy } from './strategy.ts';

/** What a controller has on disk before its first start. */
export function firstDisk(options: PracticeOptions): Disk {
  const { random } = options;
  const now = options.clock.now();
  const users: readonly PracticeUser[] = [
    ...(options.users ?? [{ id: 'admin', password: random.id(), administrator: true }]),
    { id: options.user, token: options.token, administrator: true },
  ];
  const { userIds = 'case-insensitive' } = options;
  const people = new People(new Map(), () => random.id(), now, userIds);
  for (const { id, password, token } of users) {
    const person = people.need(id);
    const minted =
      token === undefined ? [] : [{ uuid: random.id(), name: 'token', value: token, legacy: false, created: now }];
    people.put({
      ...person,
      tokens: [...person.tokens, ...minted],
      ...(password === undefined ? {} : { password }),
    });
    people.save(id);
  }
  return { strategy: firstRoles(options, users), people: people.saved(), jobs: [], userIds };
}

function firstRoles(options: PracticeOptions, users: readonly PracticeUser[]): Disk['strategy'] {
  const strategy = new Strategy(NO_ROLES);
  const administrators = users.filter((user) => user.administrator === true);
  strategy.put('global', {
    name: 'admin',
    pattern: '.*',
    permissions: [PERMISSIONS.administer],
    entries: entriesOf(administrators.map(({ id }) => ({ type: 'user', id }))),
  });
  for (const { type, name, pattern, permissions, template, entries } of options.roles ?? []) {
    const role: HeldRole = { name, pattern, permissions, entries: entriesOf(entries) };
    strategy.put(type, template === undefined ? role : { ...role, template });
  }
  return strategy.saved();
}

export function entriesOf(principals: readonly Principal[]): ReadonlyMap<string, Principal> {
  return new Map(principals.map((principal) => [entryKey(principal), principal]));
}
