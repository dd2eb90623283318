import type { Steps } from '../access/breather.ts';
import { inSteps } from '../access/inSteps.ts';
import { isReservedId } from '../access/principal.ts';
import { contest } from './contest.ts';
import type { Claim, Identity, IdentityInput, IdentityMap, Owed, Wish } from './identities.ts';

type Settled = Omit<IdentityMap, 'findings'>;

/**
 * Decides who owns which id. Somebody who cannot get the new id is stuck and keeps the old one, which may make others stuck:
 * the set of the stuck grows until nothing changes, so a swap or a ring of renames succeeds as a whole or not at all.
 */
export function* settleClaims(input: IdentityInput, wishes: readonly Wish[]): Steps<Settled> {
  const wishOf = new Map<string, Wish>();
  yield* inSteps(wishes, (item) => {
    wishOf.set(item.person.id, item);
  });
  const { release, before, otherwise, unseen } = yield* standing(input, wishOf);
  const stored = (foldedId: string): Claim | undefined =>
    unseen.has(foldedId) ? undefined : (otherwise.get(foldedId) ?? before.get(foldedId));
  const paid = new Set<string>();
  yield* inSteps(input.paid, ({ person, foldedId }) => {
    paid.add(`${person}\u0000${foldedId}`);
  });
  for (const { person, foldedId } of input.passed ?? []) paid.delete(`${person}\u0000${foldedId}`);
  // What was paid before the id was theirs again (a leaver who came back, a grant after none) pays for nothing that follows.
  const isPaid: IsPaid = (person, foldedId) => {
    if (paid.size === 0 || !paid.has(`${person}\u0000${foldedId}`)) return false;
    const claim = stored(foldedId);
    return claim?.state !== 'current' || claim.person !== person;
  };
  const released = new Set(input.released.map(({ person, foldedId }) => `${person}\u0000${foldedId}`));
  const takeable = ({ state, person, foldedId }: Claim): boolean => {
    const isFree = released.has(`${person}\u0000${foldedId}`);
    return state === 'leaving' ? isFree || isPaid(person, foldedId) : isFree && !wishOf.has(person);
  };

  const winners = yield* contest(input, wishes, wishOf, before, takeable);
  const after = new Map<string, Claim>();
  yield* inSteps(before, ([foldedId, claim]) => {
    after.set(foldedId, claim);
  });
  yield* inSteps(winners, ([foldedId, { person, wanted }]) => {
    const { id: owner, connection } = person;
    after.set(foldedId, { foldedId, id: wanted!.id, person: owner, connection, state: 'current' });
  });
  yield* inSteps(before, ([foldedId]) => {
    const claim = after.get(foldedId)!;
    const owner = wishOf.get(claim.person);
    if (owner?.wanted === undefined || owner.wanted.foldedId === foldedId) return;
    if (winners.get(owner.wanted.foldedId) === owner) after.set(foldedId, leaving(claim));
  });
  const owed: Owed[] = yield* claimOfTheGone(input, wishes, after, isPaid);
  const people = yield* identitiesOf(wishes, after);
  const store: Claim[] = [];
  const regained: { readonly person: string; readonly foldedId: string }[] = [];
  yield* inSteps(after.values(), (claim) => {
    const { person, foldedId, state } = claim;
    const old = stored(foldedId);
    if (!same(old, claim)) store.push(claim);
    if (state === 'leaving') owed.push(...owedByClaim(claim, wishOf, isPaid));
    else if (old?.state === 'leaving' && old.person === person) regained.push({ person, foldedId });
  });
  yield* inSteps(before.values(), (claim) => {
    if (after.get(claim.foldedId)?.person !== claim.person) owed.push(...owedByTaken(claim, after, wishOf, isPaid));
  });
  return { people, owners: after, store, release, owed, regained };
}

type IsPaid = (person: string, foldedId: string) => boolean;

/** The claims as they stand before anybody gets anything: the stored ones, and those that nobody has seen (`unseen`). */
function* standing(input: IdentityInput, wishOf: ReadonlyMap<string, Wish>) {
  const release: Claim[] = [];
  yield* inSteps(input.claims, (claim) => {
    if (input.isProtected(claim.id) || isReservedId(claim.id)) release.push(claim);
  });
  const released = new Set(release.map(({ foldedId }) => foldedId));
  const before = new Map<string, Claim>();
  /** Claims that are stored otherwise than they stand. */
  const otherwise = new Map<string, Claim>();
  yield* inSteps(input.claims, (claim) => {
    const { foldedId } = claim;
    const goes = released.has(foldedId);
    const now = wishOf.get(claim.person)?.gone === undefined ? claim : leaving(claim);
    if (!goes) before.set(foldedId, now);
    if (goes || now !== claim) otherwise.set(foldedId, claim);
  });
  const unseen = new Set<string>();
  for (const claim of input.passed ?? []) {
    const { foldedId, id, person } = claim;
    if (before.has(foldedId) || !wishOf.has(person) || input.isProtected(id) || isReservedId(id)) continue;
    before.set(foldedId, claim);
    unseen.add(foldedId);
  }
  return { release, before, otherwise, unseen };
}

/**
 * Somebody who left gets a claim on the id that is theirs by the mapping, where nobody has it, or somebody who left, too, and owes
 * nothing there any more: one that nobody looked at before they
 * left, or that a rename gave them just then. Whose departure is old is asked about what they had, not about later names.
 * @returns what is owed without a claim: where somebody who left still owes, too, both do
 */
function* claimOfTheGone(
  { primary, claims }: IdentityInput,
  wishes: readonly Wish[],
  after: Map<string, Claim>,
  isPaid: IsPaid,
): Steps<Owed[]> {
  // Of the primary connection first, so that at most one of them claims an id.
  const gone: Wish[] = [];
  const others: Wish[] = [];
  yield* inSteps(wishes, (item) => {
    if (item.gone === undefined || item.wanted === undefined || item.problem !== undefined) return;
    (item.person.connection === primary ? gone : others).push(item);
  });
  yield* inSteps(others, (item) => {
    gone.push(item);
  });
  const beside: Owed[] = [];
  if (gone.length === 0) return beside;
  const leftBefore = new Set<string>();
  yield* inSteps(claims, ({ person, state }) => {
    if (state === 'leaving') leftBefore.add(person);
  });
  yield* inSteps(claims, ({ person, state }) => {
    if (state === 'current') leftBefore.delete(person);
  });
  yield* inSteps(gone, ({ person, wanted }) => {
    const { foldedId } = wanted!;
    if (leftBefore.has(person.id) || isPaid(person.id, foldedId)) return;
    const claim = after.get(foldedId);
    const who = { person: person.id, connection: person.connection };
    if (claim === undefined || (claim.state === 'leaving' && isPaid(claim.person, foldedId)))
      after.set(foldedId, { ...wanted!, ...who, state: 'leaving' });
    else if (claim.state === 'leaving' && claim.person !== person.id)
      beside.push({ ...wanted!, ...who, cause: 'leaver' });
  });
  return beside;
}

function* identitiesOf(wishes: readonly Wish[], after: ReadonlyMap<string, Claim>): Steps<Map<string, Identity>> {
  let more = false;
  yield* inSteps(wishes, (item) => {
    more ||= item.gone === undefined && item.problem !== 'connection' && own(item, after) === undefined;
  });
  // Only who does not get what they want may keep another one.
  const currents = new Map<string, Claim>();
  if (more)
    yield* inSteps(after.values(), (claim) => {
      if (claim.state === 'current') currents.set(claim.person, claim);
    });
  const people = new Map<string, Identity>();
  yield* inSteps(wishes, (item) => {
    people.set(item.person.id, identityOf(item, after, currents));
  });
  return people;
}

/** The claim on what somebody wants, where it is theirs. */
function own({ person, wanted, problem }: Wish, claims: ReadonlyMap<string, Claim>): Claim | undefined {
  if (wanted === undefined || problem !== undefined) return undefined;
  const claim = claims.get(wanted.foldedId);
  return claim?.person === person.id && claim.state === 'current' ? claim : undefined;
}

function identityOf(item: Wish, claims: ReadonlyMap<string, Claim>, currents: ReadonlyMap<string, Claim>): Identity {
  const { person, gone, wanted, problem } = item;
  const asked = wanted === undefined ? {} : { wanted: wanted.id };
  if (gone !== undefined) return { none: gone, ...asked };
  if (problem === 'connection') return { none: problem, ...asked };
  const mine = own(item, claims);
  if (mine !== undefined) return { id: mine.id, foldedId: mine.foldedId };
  const why = problem ?? 'contested';
  const old = currents.get(person.id);
  return old === undefined ? { none: why, ...asked } : { id: old.id, foldedId: old.foldedId, problem: why, ...asked };
}

function owedByClaim(
  { person, connection, id, foldedId }: Claim,
  wishOf: ReadonlyMap<string, Wish>,
  isPaid: IsPaid,
): Owed[] {
  const owner = wishOf.get(person);
  if (owner === undefined || isPaid(person, foldedId)) return [];
  return [{ person, connection, id, foldedId, cause: owner.gone === undefined ? 'old-id' : 'leaver' }];
}

/** An id that goes to somebody else in the same set: what the one before could act with there is still to be cut. */
function owedByTaken(
  { person, connection, id, foldedId }: Claim,
  after: ReadonlyMap<string, Claim>,
  wishOf: ReadonlyMap<string, Wish>,
  isPaid: IsPaid,
): Owed[] {
  const owner = wishOf.get(person);
  if (owner === undefined || isPaid(person, foldedId)) return [];
  if (owner.gone !== undefined) return [{ person, connection, id, foldedId, cause: 'leaver' }];
  const moved = owner.wanted !== undefined && after.get(owner.wanted.foldedId)?.person === person;
  return moved ? [{ person, connection, id, foldedId, cause: 'old-id' }] : [];
}

function leaving(claim: Claim): Claim {
  return claim.state === 'leaving' ? claim : { ...claim, state: 'leaving' };
}

function same(a: Claim | undefined, b: Claim): boolean {
  return (
    a !== undefined && a.id === b.id && a.person === b.person && a.state === b.state && a.connection === b.connection
  );
}
