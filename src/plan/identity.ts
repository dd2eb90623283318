import { inOneTurn, type Steps } from '../access/breather.ts';
import type { Finding } from '../access/finding.ts';
import { groupedInSteps, inSteps, sortedInSteps } from '../access/inSteps.ts';
import { foldId, isReservedId } from '../access/principal.ts';
import type { IdentityConfig } from '../config/schema.ts';
import { settleClaims } from './claims.ts';
import { identityFinding } from './findings.ts';
import { frozenSteps } from './frozen.ts';
import type { Claim, DirectoryPerson, Identity, IdentityInput, IdentityMap, Wish } from './identities.ts';

/** The Jenkins id a person asks for; undefined where the attribute has no value. */
export function mappedId(person: Omit<DirectoryPerson, 'active'>, identity: IdentityConfig): string | undefined {
  const value = { userName: person.userName, externalId: person.externalId, email: person.email }[identity.user];
  if (value === undefined) return undefined;
  const at = value.lastIndexOf('@');
  const name = (identity.stripDomain && at > 0 ? value.slice(0, at) : value).normalize('NFC');
  const id = identity.transform === 'none' ? name : transformed(name, identity.transform);
  return id.trim() === '' ? undefined : id;
}

function transformed(name: string, transform: 'lowercase' | 'uppercase'): string {
  return transform === 'lowercase' ? name.toLowerCase() : name.toUpperCase();
}

/**
 * Says who is called what on one controller (semantics §1): one owner per folded id, those who left keep theirs until the debt
 * is paid, the primary connection takes precedence, renames and swaps are solved as one set. Pure; the order of people is
 * irrelevant.
 */
export function mapIdentities(input: IdentityInput): IdentityMap {
  return inOneTurn(identitySteps(input));
}

/** `mapIdentities` in steps, for very many people. */
export function* identitySteps(input: IdentityInput): Steps<IdentityMap> {
  const asked: Wish[] = [];
  yield* inSteps(input.people, (person) => {
    asked.push(wish(input, person, person.active ? undefined : 'inactive'));
  });
  yield* inSteps(input.tombstones, (person) => {
    asked.push(wish(input, { ...person, active: false }, 'deleted'));
  });
  const wishes = yield* sortedInSteps(asked, (a, b) => (a.person.id < b.person.id ? -1 : 1));
  const settled = yield* settleClaims(input, wishes);
  const findings: Finding[] = [];
  const owing = yield* groupedInSteps(input.owing, ({ foldedId }) => foldedId);
  yield* inSteps(wishes, (item) => {
    const debtors = (owing.get(item.wanted?.foldedId ?? '') ?? []).map(({ person }) => person);
    findings.push(...findingsOf(item, settled.people.get(item.person.id), settled.owners, debtors));
  });
  return yield* frozenSteps({
    people: settled.people,
    owners: settled.owners,
    store: settled.store,
    release: settled.release,
    owed: settled.owed,
    regained: settled.regained,
    findings,
  });
}

function wish(input: IdentityInput, person: DirectoryPerson, gone: Wish['gone']): Wish {
  const id = mappedId(person, input.identity);
  if (!input.reaches(person.connection)) return { person, gone, problem: 'connection' };
  if (id === undefined) return { person, gone, problem: 'absent' };
  const wanted = { id, foldedId: foldId(id, input.ids) };
  if (isReservedId(id)) return { person, gone, wanted, problem: 'reserved' };
  if (input.isProtected(id)) return { person, gone, wanted, problem: 'protected' };
  return { person, gone, wanted };
}

function findingsOf(
  item: Wish,
  identity: Identity | undefined,
  owners: ReadonlyMap<string, Claim>,
  debtors: readonly string[],
): Finding[] {
  if (item.gone !== undefined && item.problem !== 'protected') return [];
  const problem = identity === undefined ? undefined : 'none' in identity ? identity.none : identity.problem;
  const shown = item.gone !== undefined ? 'protected' : problem;
  if (shown === undefined || shown === 'inactive' || shown === 'deleted' || shown === 'connection') return [];
  const owner = item.wanted === undefined ? undefined : owners.get(item.wanted.foldedId);
  const others = debtors.filter((person) => person !== owner?.person && person !== item.person.id);
  return [identityFinding(shown, item, owner, others)];
}
