import type { Steps } from '../access/breather.ts';
import { groupedInSteps, inSteps } from '../access/inSteps.ts';
import type { Claim, IdentityInput, Wish } from './identities.ts';

/**
 * The winner of each id that somebody active asks for and gets. Who gets none is stuck and does not move away from the one they have,
 * which may make others stuck: that is found out in rounds, until one changes nothing.
 */
export function* contest(
  input: IdentityInput,
  wishes: readonly Wish[],
  wishOf: ReadonlyMap<string, Wish>,
  claims: ReadonlyMap<string, Claim>,
  takeable: (claim: Claim) => boolean,
): Steps<Map<string, Wish>> {
  /** Nearly every id is asked for by one person: only where there are more, there is a list. */
  const contenders = new Map<string, Wish | Wish[]>();
  const stuck = new Set<Wish>();
  const owing = yield* groupedInSteps(input.owing, ({ foldedId }) => foldedId);
  yield* inSteps(wishes, (item) => {
    if (item.gone !== undefined) return;
    if (item.problem !== undefined || item.wanted === undefined) {
      stuck.add(item);
      return;
    }
    const known = contenders.get(item.wanted.foldedId);
    if (Array.isArray(known)) known.push(item);
    else contenders.set(item.wanted.foldedId, known === undefined ? item : [known, item]);
  });
  for (;;) {
    yield;
    const winners = new Map<string, Wish>();
    let grown = false;
    const lost = (item: Wish): void => {
      if (stuck.has(item)) return;
      stuck.add(item);
      grown = true;
    };
    yield* inSteps(contenders, ([foldedId, asking]) => {
      const group = Array.isArray(asking) ? asking : [asking];
      const winner = winnerOf(foldedId, group);
      if (winner !== undefined) winners.set(foldedId, winner);
      for (const item of group) if (item !== winner) lost(item);
    });
    if (!grown) return winners;
  }

  function winnerOf(foldedId: string, group: readonly Wish[]): Wish | undefined {
    const claim = claims.get(foldedId);
    const owner = claim === undefined ? undefined : group.find(({ person }) => person.id === claim.person);
    const primaries = group.filter(({ person }) => person.connection === input.primary);
    if (claim !== undefined && !takeable(claim) && !movesAway(claim)) {
      const held = claim.state === 'current' || owner !== undefined;
      const precedence = held && claim.connection !== input.primary && primaries.length === 1;
      return precedence ? primaries[0] : owner;
    }
    const first = primaries.length > 0 ? primaries : group;
    if (owner !== undefined && first.includes(owner)) return owner;
    const [only, another] = first;
    return another === undefined && only !== undefined && !othersOwe(foldedId, only, claim) ? only : undefined;
  }

  /** Whether, at an id that was left, somebody beside whoever left it last, who is judged by what is takeable, owes something. */
  function othersOwe(foldedId: string, { person }: Wish, claim: Claim | undefined): boolean {
    if (claim?.state !== 'leaving') return false;
    return (owing.get(foldedId) ?? []).some((debt) => debt.person !== person.id && debt.person !== claim.person);
  }

  function movesAway({ person, foldedId, state }: Claim): boolean {
    const owner = wishOf.get(person);
    if (owner === undefined || state !== 'current' || stuck.has(owner)) return false;
    return owner.wanted !== undefined && owner.wanted.foldedId !== foldedId;
  }
}
