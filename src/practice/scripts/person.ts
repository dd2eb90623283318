import { digest } from '../../access/canonical.ts';
import type { PersonReply } from '../../jenkins/scripts/person.ts';
import { toWord } from '../../jenkins/strategies/role-strategy/entry.ts';
import { type Home, ROLE_STRATEGY } from '../state/home.ts';
import { tokensOf } from '../state/person.ts';
import { ROLE_TYPES } from '../state/strategy.ts';

type EntryReply = PersonReply['entries'][number];

/** What somebody can act with; `entries` are those of `entriesByFold` for the id. */
export function personReply(home: Home, id: string, entries: readonly EntryReply[]): PersonReply {
  const person = home.people.get(id);
  const folded = home.folded(id);
  const builds = home.jobs.count((starter) => home.folded(starter) === folded);
  const sshSessions = home.sessions.ssh.filter(({ user }) => home.folded(user) === folded).length;
  const holds =
    person !== undefined &&
    (person.password !== undefined ||
      tokensOf(person).length + person.sshKeys.length + sshSessions + person.credentials > 0);
  return {
    id,
    record: person !== undefined && (holds || home.people.isSaved(id)) ? person.id : null,
    tokens: (person === undefined ? [] : tokensOf(person)).map(({ uuid, name, legacy, lastUse }) => ({
      uuid,
      name,
      legacy,
      lastUse: lastUse ?? null,
    })),
    sshKeys: person?.sshKeys.length ?? 0,
    sshSessions,
    password: person?.password !== undefined,
    signedIn: home.userSeeds && person?.groups !== undefined,
    marks:
      person === undefined || !home.people.isSaved(id)
        ? null
        : { password: digest(person.password ?? null), seed: digest(person.seed) },
    credentials: person?.credentials ?? 0,
    runningBuilds: builds.running,
    queuedBuilds: builds.queued,
    entries: [...entries],
    error: null,
  };
}

/** Every USER and EITHER entry by the folded SID, read in one pass. */
export function entriesByFold(home: Home): ReadonlyMap<string, EntryReply[]> {
  const found = new Map<string, EntryReply[]>();
  if (home.strategyClass !== ROLE_STRATEGY) return found;
  for (const type of ROLE_TYPES)
    for (const role of home.strategy.roles(type))
      for (const principal of role.entries.values()) {
        if (principal.type === 'group') continue;
        const key = home.folded(principal.id);
        const rows = found.get(key) ?? [];
        rows.push({ type, role: role.name, entry: toWord(principal) });
        found.set(key, rows);
      }
  return found;
}

/** The state of one person as it is now. */
export function personNow(home: Home, id: string): PersonReply {
  return personReply(home, id, entriesByFold(home).get(home.folded(id)) ?? []);
}
