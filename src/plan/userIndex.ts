import type { Steps } from '../access/breather.ts';
import { inSteps } from '../access/inSteps.ts';
import type { ObservedRole } from '../access/ports/controller.ts';
import type { Principal } from '../access/principal.ts';
import { entriesIn, type Scene } from './scene.ts';

export type UserIndex = (role: ObservedRole) => ReadonlyMap<string, readonly Principal[]>;

/** User entries of a role by folded id: of a whole plan in steps, of a partial one, which looks at few roles, when first asked for. */
export function* userIndex(scene: Scene): Steps<UserIndex> {
  const made = new Map<ObservedRole, Map<string, Principal[]>>();
  const add = (role: ObservedRole, principal: Principal): void => {
    if (principal.type !== 'user') return;
    const entries = made.get(role)!;
    const folded = scene.fold(principal);
    const known = entries.get(folded);
    if (known === undefined) entries.set(folded, [principal]);
    else known.push(principal);
  };
  if (scene.whole) {
    for (const role of scene.observed.values()) made.set(role, new Map());
    yield* inSteps(entriesIn(scene.observed.values()), ([role, principal]) => add(role, principal));
  }
  return (role) => {
    if (!made.has(role)) {
      made.set(role, new Map());
      for (const principal of role.entries) add(role, principal);
    }
    return made.get(role)!;
  };
}
