import type { PersonReply } from '../../jenkins/scripts/person.ts';
import type { Home } from '../state/home.ts';
import { entriesByFold, personReply } from './person.ts';

export function peopleAsked(home: Home, ids: readonly string[]): { people: PersonReply[]; rest: string[] } {
  const entries = entriesByFold(home);
  const people = ids.map((id) => personReply(home, id, entries.get(home.folded(id)) ?? []));
  return { people, rest: [] };
}
