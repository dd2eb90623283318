import type { Steps } from '../access/breather.ts';
import { isReservedId } from '../access/principal.ts';
import type { Claim, Identity, IdentityInput, IdentityMap, Owed, Wish } from './identity.ts';

type Settled = Omit<IdentityMap, 'findings'>;

/**
 * Decides who owns which id. Somebody who cannot get the new id is stuck and keeps the old one, which may make others stuck:
 * the set of the stuck grows until nothing changes, so a swap or a ring of renames succeeds as a whole or not at all.
 */
export function* settleClaims(input: IdentityInput, wishes: readonly Wish[]): Steps<Settled> {
  const release = input.claims.filter(({ id }) => input.isProtected(id) || isReservedId(id));
  const released = new Set(release.map(({ foldedId }) => foldedId));
  const wishOf = new Map(wishes.map((item) => [item.person.id, item]));
  const before = new Map(
    input.claims
      .filter(({ foldedId }) => !released.has(foldedId))
      .map((claim) => [claim.foldedId, wishOf.get(claim.person)?.gone === undefined ? claim : leaving(claim)]),
  );
  yield;
  const paid = new Set(input.paid.map(({ person, foldedId }) => `${person}\u0000${foldedId}`));
  const isPaid = (person: string, foldedId: string): boolean => paid.has(`${person}\u0000${foldedId}`);
  const takeable = ({ state, person, foldedId }: Claim): boolean =>
    state === 'leaving'
      ? isPaid(person, foldedId) || input.released.has(foldedId)
      : !wishOf.has(person) && input.released.has(foldedId);

  const winners = yield* contest(input, wishes, wishOf, before, takeable);
  yield;
  const after = new Map(before);
  for (const [foldedId, winner] of winners)
    after.set(foldedId, {
      foldedId,
      id: winner.wanted!.id,
      person: winner.person.id,
      connection: winner.person.connection,
      state: 'current',
    });
  yield;
  for (const [foldedId, claim] of after) {
    const owner = wishOf.get(claim.person);
    if (owner?.wanted === undefined || owner.wanted.foldedId === foldedId) continue;
    if (winners.get(owner.wanted.foldedId) === owner) after.set(foldedId, leaving(claim));
  }
  yield;
  const withClaim = new Set([...after.values()].map(({ person }) => person));
  for (const item of gonePeople(wishes, input.primary)) {
    const { person, wanted } = item;
    if (wanted === undefined || item.problem !== undefined || withClaim.has(person.id)) continue;
    if (after.has(wanted.foldedId) || isPaid(person.id, wanted.foldedId)) continue;
    after.set(wanted.foldedId, { ...wanted, person: person.id, connection: person.connection, state: 'leaving' });
  }

  yield;
  const currents = new Map([...after.values()].filter(isCurrent).map((claim) => [claim.person, claim]));
  const stored = new Map(input.claims.map((claim) => [claim.foldedId, claim]));
  yield;
  const people = new Map(wishes.map((item) => [item.person.id, identityOf(item, after, currents)]));
  yield;
  const store = [...after.values()].filter((claim) => !same(stored.get(claim.foldedId), claim));
  yield;
  return {
    people,
    owners: after,
    store,
    release,
    owed: [...owedByClaims(after, wishOf, isPaid), ...owedByTaken(before, after, wishOf, isPaid)],
    regained: [...after.values()]
      .filter((claim) => {
        const old = stored.get(claim.foldedId);
        return claim.state === 'current' && old?.state === 'leaving' && old.person === claim.person;
      })
      .map(({ person, foldedId }) => ({ person, foldedId })),
  };
}

/** The winner of each id that somebody active asks for and gets. */
function* contest(
  input: IdentityInput,
  wishes: readonly Wish[],
  wishOf: ReadonlyMap<string, Wish>,
  claims: ReadonlyMap<string, Claim>,
  takeable: (claim: Claim) => boolean,
): Steps<Map<string, Wish>> {
  const contenders = new Map<string, Wish[]>();
  const stuck = new Set<Wish>();
  for (const item of wishes) {
    if (item.gone !== undefined) continue;
    if (item.problem !== undefined || item.wanted === undefined) stuck.add(item);
    else contenders.set(item.wanted.foldedId, [...(contenders.get(item.wanted.foldedId) ?? []), item]);
  }
  for (;;) {
    yield;
    const winners = new Map<string, Wish>();
    let grown = false;
    for (const [foldedId, group] of contenders) {
      const winner = winnerOf(foldedId, group);
      if (winner !== undefined) winners.set(foldedId, winner);
      for (const item of group) {
        if (item === winner || stuck.has(item)) continue;
        stuck.add(item);
        grown = true;
      }
    }
    if (!grown) return winners;
  }

  function winnerOf(foldedId: string, group: readonly Wish[]): Wish | undefined {
    const primaries = group.filter(({ person }) => person.connection === input.primary);
    const claim = claims.get(foldedId);
    const owner = claim === undefined ? undefined : group.find(({ person }) => person.id === claim.person);
    if (claim !== undefined && !takeable(claim) && !movesAway(claim)) {
      const held = claim.state === 'current' || owner !== undefined;
      const precedence = held && claim.connection !== input.primary && primaries.length === 1;
      return precedence ? primaries[0] : owner;
    }
    const first = primaries.length > 0 ? primaries : group;
    if (first.length === 1) return first[0];
    return owner !== undefined && first.includes(owner) ? owner : undefined;
  }

  function movesAway({ person, foldedId, state }: Claim): boolean {
    const owner = wishOf.get(person);
    if (owner === undefined || state !== 'current' || owner.gone !== undefined || stuck.has(owner)) return false;
    return owner.wanted !== undefined && owner.wanted.foldedId !== foldedId;
  }
}

function identityOf(item: Wish, claims: ReadonlyMap<string, Claim>, currents: ReadonlyMap<string, Claim>): Identity {
  const { person, gone, wanted, problem } = item;
  const asked = wanted === undefined ? {} : { wanted: wanted.id };
  if (gone !== undefined) return { none: gone, ...asked };
  if (problem === 'connection') return { none: problem, ...asked };
  const own = wanted === undefined ? undefined : claims.get(wanted.foldedId);
  if (problem === undefined && own?.person === person.id && own.state === 'current')
    return { id: own.id, foldedId: own.foldedId };
  const why = problem ?? 'contested';
  const old = currents.get(person.id);
  return old === undefined ? { none: why, ...asked } : { id: old.id, foldedId: old.foldedId, problem: why, ...asked };
}

function* owedByClaims(
  claims: ReadonlyMap<string, Claim>,
  wishOf: ReadonlyMap<string, Wish>,
  isPaid: (person: string, foldedId: string) => boolean,
): Generator<Owed> {
  for (const { state, person, connection, id, foldedId } of claims.values()) {
    const owner = wishOf.get(person);
    if (state === 'current' || owner === undefined || isPaid(person, foldedId)) continue;
    yield { person, connection, id, foldedId, cause: owner.gone === undefined ? 'old-id' : 'leaver' };
  }
}

/** An id that goes to somebody else in the same set: what the one before could act with there is still to be cut. */
function* owedByTaken(
  before: ReadonlyMap<string, Claim>,
  after: ReadonlyMap<string, Claim>,
  wishOf: ReadonlyMap<string, Wish>,
  isPaid: (person: string, foldedId: string) => boolean,
): Generator<Owed> {
  for (const { person, connection, id, foldedId } of before.values()) {
    const owner = wishOf.get(person);
    if (after.get(foldedId)?.person === person || owner === undefined || isPaid(person, foldedId)) continue;
    if (owner.gone !== undefined) yield { person, connection, id, foldedId, cause: 'leaver' };
    else if (owner.wanted !== undefined && after.get(owner.wanted.foldedId)?.person === person)
      yield { person, connection, id, foldedId, cause: 'old-id' };
  }
}

/** Those who left, of the primary connection first, so that at most one of them claims an id. */
function gonePeople(wishes: readonly Wish[], primary: string): Wish[] {
  const gone = wishes.filter((item) => item.gone !== undefined);
  return [
    ...gone.filter(({ person }) => person.connection === primary),
    ...gone.filter(({ person }) => person.connection !== primary),
  ];
}

function isCurrent({ state }: Claim): boolean {
  return state === 'current';
}

function leaving(claim: Claim): Claim {
  return claim.state === 'leaving' ? claim : { ...claim, state: 'leaving' };
}

function same(a: Claim | undefined, b: Claim): boolean {
  return (
    a !== undefined && a.id === b.id && a.person === b.person && a.state === b.state && a.connection === b.connection
  );
}
