import type { Facts } from './facts.ts';
import type { Policy } from './policy.ts';
import { resolve } from './resolve.ts';

/**
 * Groups whose members a policy asks about: those that mean something to a rule, and those that are nested in them. Who is in any
 * other group is judged the same as who is in none, so those memberships need not be read. Looks at groups and bindings only.
 */
export function groupsThatCount(policy: Policy, facts: Facts): ReadonlySet<string> {
  const below = new Map<string, string[]>();
  for (const { id, parents } of facts.groups.values())
    for (const { group } of parents) {
      const list = below.get(group);
      if (list === undefined) below.set(group, [id]);
      else list.push(id);
    }
  const counting = new Set(resolve(policy, facts).byGroup.keys());
  for (const id of counting) for (const nested of below.get(id) ?? []) counting.add(nested);
  return counting;
}
