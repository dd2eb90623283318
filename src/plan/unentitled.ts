import type { Steps } from '../access/breather.ts';
import { flatInSteps, inSteps } from '../access/inSteps.ts';
import { roleKey } from '../access/role.ts';
import type { Claim } from './identities.ts';
import type { NamedPerson } from './plan.ts';
import type { Scene } from './scene.ts';
import type { RevokeStep } from './step.ts';
import { isKept, type Targets } from './targets.ts';
import type { UserIndex } from './userIndex.ts';

/** What is lost, whoever takes it away. */
type Loss = Pick<RevokeStep, 'cause' | 'principal' | 'person'>;

/** What a plan takes away, and where to look for what others took. */
interface Fallen {
  /** Folded ids of leavers, who lose all of it by steps of their own. */
  readonly handled: ReadonlySet<string>;
  readonly index: UserIndex;
  readonly revokes: readonly Loss[];
}

/** Entries of ours that nobody wants any more and that others took away before this plan could: whoever had them loses them by it. */
function vanished(scene: Scene, targets: Targets, handled: ReadonlySet<string>, index: UserIndex): Steps<Loss[]> {
  const { owners } = scene.input.identities;
  return flatInSteps(scene.input.ownership.entries, (entry): Loss[] => {
    const { role, principal, person, present, carried } = entry;
    if ((present !== true && carried !== true) || person === undefined || principal.type !== 'user') return [];
    if (!scene.inScope(person) || scene.isExcepted(person)) return [];
    const folded = scene.fold(principal);
    if (owners.get(folded)?.person !== person || handled.has(folded) || isKept(targets, role, folded)) return [];
    if (scene.blocked.has(roleKey(role)) || scene.protection.entry(role, principal)) return [];
    const observed = scene.observed.get(roleKey(role));
    if (observed !== undefined && index(observed).has(folded)) return [];
    return targets.entitled.has(person) ? [] : [{ principal, person, cause: 'unentitled' }];
  });
}

/** Who has nothing left here by this plan: no group gives it any more, or the last thing has ended. */
export function* unentitledOf(
  scene: Scene,
  targets: Targets,
  { handled, index, revokes }: Fallen,
): Steps<NamedPerson[]> {
  const ended = (person: string | undefined): boolean =>
    person !== undefined && scene.input.standing.get(person) === 'active' && !targets.entitled.has(person);
  const found = new Map<string, Claim>();
  yield* inSteps([...revokes, ...(yield* vanished(scene, targets, handled, index))], ({ cause, principal, person }) => {
    const owner = scene.input.identities.owners.get(scene.fold(principal));
    if (!ended(person) || (cause !== 'unentitled' && cause !== 'expired')) return;
    if (owner !== undefined && owner.person === person) found.set(person!, owner);
  });
  return [...found.values()].map(({ person, connection, id, foldedId }) => ({ person, connection, id, foldedId }));
}
