import { type RoleKey, roleKey } from '../access/role.ts';
import { frozen } from './frozen.ts';
import type { PlanInput } from './input.ts';
import type { OwnedEntry } from './plan.ts';
import { makePlan } from './planner.ts';
import { sceneOf } from './scene.ts';

/** What `adopt` takes over. */
export interface Adoption {
  readonly roles: readonly RoleKey[];
  readonly entries: readonly OwnedEntry[];
}

/**
 * What the policy explains and the service does not own yet: roles made by hand that it defines, and entries that it wants
 * (semantics §3). Protected and blocked ones are left alone; entries that nobody asked for stay unmanaged.
 * @param input of a whole plan
 * @param only name of the one role to adopt
 */
export function adoption(input: PlanInput, only?: string): Adoption {
  const scene = sceneOf({ ...input, scope: 'all' });
  const chosen = (role: RoleKey): boolean =>
    (only === undefined || role.name === only) && !scene.protection.role(role) && !scene.blocked.has(roleKey(role));
  const roles = [...scene.wanted]
    .filter(([key, { existing }]) => !existing && scene.observed.has(key) && !scene.ownedRoles.has(key))
    .map(([, { type, name }]): RoleKey => ({ type, name }))
    .filter(chosen);
  const { matched } = makePlan({ ...input, scope: 'all' });
  return frozen<Adoption>({ roles, entries: matched.filter(({ role }) => chosen(role)) });
}
