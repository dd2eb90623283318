import type { PersonReply } from '../../jenkins/scripts/person.ts';
import type { Home } from '../state/home.ts';
import { peopleAsked } from './people.ts';

/** One page of those with a saved record, by id in the order of UTF-16 units. */
export function inventoryPage(
  home: Home,
  page: { readonly after: string | null; readonly limit: number },
): { people: PersonReply[]; next: string | null } {
  const ids = home.people
    .all()
    .filter((person) => home.people.isSaved(person.id))
    .map((person) => person.id)
    .sort();
  const left = page.after === null ? ids : ids.filter((id) => id > page.after!);
  const { people } = peopleAsked(home, left.slice(0, page.limit));
  return { people, next: left.length > page.limit ? left[page.limit - 1]! : null };
}
