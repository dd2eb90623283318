import type { Principal, PrincipalType } from '../access/principal.ts';
import type { RoleKey } from '../access/role.ts';
import type { Hands } from './hands.ts';
import type { PracticeOptions } from './options.ts';
import type { Process } from './process.ts';
import { entriesOf } from './state/firstDisk.ts';
import { ROLE_STRATEGY } from './state/home.ts';
import { LEGACY_NAME, newToken, type Person } from './state/person.ts';
import { NO_ROLES, ROLE_TYPES, Strategy } from './state/strategy.ts';

/** Hands on the process as it is at the moment: a restart puts another one in its place. */
export function handsOn(process: Process, { random }: Pick<PracticeOptions, 'random'>): Hands {
  const strategy = (): Strategy => process.home.strategy;
  const find = (role: string | RoleKey): RoleKey => {
    const keys = typeof role === 'string' ? ROLE_TYPES.map((type) => ({ type, name: role })) : [role];
    const found = keys.find((key) => strategy().role(key) !== undefined);
    if (found === undefined) throw new Error(`the practice controller has no role ${JSON.stringify(role)}`);
    return found;
  };
  const give = (role: string | RoleKey, id: string, type: PrincipalType = 'user'): void =>
    strategy().assign(find(role), { type, id });
  const edit = (id: string, change: (person: Person) => Person): void => {
    const { people } = process.home;
    people.put(change(people.need(id)));
    people.save(id);
  };
  const mint = (id: string, name: string, legacy: boolean): string => {
    const token = newToken(random, name, process.home.now(), legacy);
    edit(id, (person) => ({
      ...person,
      tokens: [...person.tokens, token],
      ...(legacy ? { legacySecret: token.value } : {}),
    }));
    return token.value;
  };
  return {
    grant(role, id, kind) {
      give(role, id, kind);
      process.home.save();
    },
    revoke(role, id, kind = 'user') {
      strategy().unassign(find(role), { type: kind, id });
      process.home.save();
    },
    unsavedGrant: give,
    defineRole({ type, ...definition }) {
      const entries = strategy().role({ type, name: definition.name })?.entries ?? new Map();
      strategy().put(type, { ...definition, entries });
      process.home.save();
    },
    deleteRole(role) {
      strategy().remove(role);
      process.home.save();
    },
    account: (id, password) => edit(id, (person) => ({ ...person, password })),
    usersBackup() {
      const saved = process.home.people.saved();
      return { putBack: () => process.home.restoreUsers(saved) };
    },
    forget: (id) => process.home.people.delete(id),
    mintToken: (id, name = 'by hand') => mint(id, name, false),
    legacyToken: (id) => mint(id, LEGACY_NAME, true),
    addSshKey: (id, key = `ssh-ed25519 ${random.id()}`) =>
      edit(id, (person) => ({ ...person, sshKeys: [...person.sshKeys, key] })),
    openSshSession: (id) => {
      process.home.sessions.ssh.push({ user: process.home.people.need(id).id });
    },
    openSession(id) {
      const authorities = ['authenticated', 'FACTOR_PASSWORD'];
      edit(id, (person) => ({ ...person, groups: authorities }));
      const { seed, id: user } = process.home.people.need(id);
      return process.home.sessions.open({ user, seed, authorities }).id;
    },
    rememberedSession(id) {
      const { seed, id: user } = process.home.people.need(id);
      return process.home.sessions.open({ user, seed, authorities: ['authenticated'] }).id;
    },
    addCredential: (id) => edit(id, (person) => ({ ...person, credentials: person.credentials + 1 })),
    startBuild: (id) => {
      process.home.jobs.run(id);
    },
    job: (fullName, remoteToken) =>
      process.home.jobs.put({ fullName, ...(remoteToken === undefined ? {} : { remoteToken }) }),
    dropJob: (fullName) => process.home.jobs.drop(fullName),
    reloadJcasc(roles) {
      const fresh = new Strategy(NO_ROLES);
      for (const { type, entries, ...role } of roles) fresh.put(type, { ...role, entries: entriesOf(entries) });
      process.home.strategy = fresh;
      process.home.save();
    },
    assignRolesPage() {
      const shown = ROLE_TYPES.flatMap((type) =>
        strategy()
          .roles(type)
          .map((role) => ({ key: { type, name: role.name }, entries: [...role.entries.values()] })),
      );
      return { save: () => fill(process, shown) };
    },
    useStrategy: (className = ROLE_STRATEGY) => {
      process.home.strategyClass = className;
    },
    escapeHatch: (user) => {
      process.home.escapeHatch = user ?? null;
    },
    disableUserSeeds: () => {
      process.home.userSeeds = false;
    },
    writable: (on) => {
      process.home.writable = on;
    },
    countUses: (on) => {
      process.home.usageStatistics = on;
    },
    useJcasc: (state) => {
      process.home.jcasc = state;
    },
    restart: (line = 'restart', speed) => process.begin(line, speed),
  };
}

/** Clears all roles and fills those that the page showed; ones it did not know end up empty (jenkins-verified.md, point 15). */
function fill(process: Process, shown: readonly { key: RoleKey; entries: readonly Principal[] }[]): void {
  const { strategy } = process.home;
  const before = new Map(shown.map(({ key, entries }) => [`${key.type}:${key.name}`, entries]));
  for (const type of ROLE_TYPES)
    for (const role of strategy.roles(type))
      strategy.put(type, { ...role, entries: entriesOf(before.get(`${type}:${role.name}`) ?? []) });
  process.home.save();
}
