import { type RoleKey, roleKey } from '../access/role.ts';
import { frozen } from './frozen.ts';
import type { PlanInput } from './input.ts';
import type { OwnedEntry, Plan } from './plan.ts';
import { protection } from './protection.ts';

/** What `adopt` takes over. */
interface Adoption {
  readonly roles: readonly RoleKey[];
  readonly entries: readonly OwnedEntry[];
}

/** What a whole plan was made from and what it found. */
type Adoptable = Pick<PlanInput, 'controller' | 'capabilities' | 'observed'> & {
  readonly desired: Pick<PlanInput['desired'], 'roles' | 'blocked'>;
  readonly plan: Pick<Plan, 'matched'>;
};

/**
 * What the policy explains and the service does not own yet: roles made by hand that it defines, and entries that it wants
 * (semantics §3). Protected and blocked ones are left alone; entries that nobody asked for stay unmanaged. Roles that are
 * owned already are among them.
 * @param only name of the one role to adopt
 */
export function adoption({ controller, capabilities, observed, desired, plan }: Adoptable, only?: string): Adoption {
  const guarded = protection(controller, capabilities);
  const blocked = new Set(desired.blocked.map(roleKey));
  const there = new Set(observed.roles.map(roleKey));
  const chosen = (role: RoleKey): boolean =>
    (only === undefined || role.name === only) && !guarded.role(role) && !blocked.has(roleKey(role));
  const roles = desired.roles
    .filter((role) => !role.existing && there.has(roleKey(role)))
    .map(({ type, name }): RoleKey => ({ type, name }))
    .filter(chosen);
  return frozen<Adoption>({ roles, entries: plan.matched.filter(({ role }) => chosen(role)) });
}
