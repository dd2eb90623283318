import { type LeaverStepKind, TAKEN_AGAIN, type TakenAgain } from '../../access/ports/controller.ts';
import type { Home } from '../state/home.ts';
import { type Person, tokensOf } from '../state/person.ts';

export type Taking = Exclude<LeaverStepKind, 'remove-entries' | 'delete-record' | 'second-cut'>;

/** What each step takes from a person, and how many of the thing there were. In the order of semantics §2. */
export const TAKES: Readonly<Record<Taking, (home: Home, id: string) => number>> = {
  'revoke-tokens': (home, id) =>
    change(home, id, (person) => {
      const { legacySecret: _, ...rest } = person;
      return [{ ...rest, tokens: [] }, tokensOf(person).length];
    }),
  'remove-ssh-keys': (home, id) => change(home, id, (person) => [{ ...person, sshKeys: [] }, person.sshKeys.length]),
  'close-ssh-sessions': closeSsh,
  'scramble-password': (home, id) =>
    change(home, id, (person) =>
      person.password === undefined ? [person, 0] : [{ ...person, password: home.random.id() }, 1],
    ),
  'end-sessions': (home, id) =>
    change(home, id, (person) => {
      const { groups: _, ...rest } = person;
      return [{ ...rest, seed: home.random.id() }, 1];
    }),
};

/** What a session that was still open may have made in between. */
export function takeAgain(home: Home, id: string, again: readonly TakenAgain[] = TAKEN_AGAIN): number {
  return again.reduce((count, kind) => count + TAKES[kind](home, id), 0);
}

/** In memory, and on disk where the record is there already: one that lives in memory only is not brought to the disk. */
function change(home: Home, id: string, edit: (person: Person) => readonly [Person, number]): number {
  const person = home.people.get(id);
  if (person === undefined) return 0;
  const [edited, count] = edit(person);
  home.people.put(edited);
  if (home.people.isSaved(id)) home.people.save(id);
  return count;
}

function closeSsh(home: Home, id: string): number {
  const folded = home.folded(id);
  const left = home.sessions.ssh.filter(({ user }) => home.folded(user) !== folded);
  const closed = home.sessions.ssh.length - left.length;
  home.sessions.ssh = left;
  return closed;
}
