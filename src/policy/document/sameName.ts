import type { Finding } from '../../access/finding.ts';
import type { RoleType } from '../../access/role.ts';
import { found } from '../finding.ts';
import type { PolicyRole, Rule, Selector } from '../policy.ts';
import { surelyTogether } from '../selector.ts';

/** Two roles that would be one on every controller both are granted on. What depends on values or labels shows when evaluated. */
export function sameNameFindings(roles: ReadonlyMap<string, PolicyRole>, rules: readonly Rule[]): Finding[] {
  const selectors = new Map<string, Selector[]>();
  for (const rule of rules)
    for (const grant of rule.grants) {
      const list = selectors.get(grant.role) ?? [];
      selectors.set(grant.role, [...list, rule.controllers]);
    }
  const byName = new Map<string, PolicyRole[]>();
  for (const role of roles.values()) {
    const name = `${typeOf(role)}:${role.name.source}`;
    byName.set(name, [...(byName.get(name) ?? []), role]);
  }
  return [...byName.values()].flatMap((same) =>
    same.slice(1).flatMap((role, index) => {
      const other = same
        .slice(0, index + 1)
        .find(
          (earlier) =>
            isDefined(earlier, role) && meet(selectors.get(earlier.key) ?? [], selectors.get(role.key) ?? []),
        );
      return other === undefined
        ? []
        : [
            found(
              'policy.same-name',
              `roles.${role.key}`,
              `${role.key} and ${other.key} are both called "${role.name.source}" on one controller.`,
              role,
            ),
          ];
    }),
  );
}

/** role-strategy's map a role of the policy goes into. */
export function typeOf({ scope }: PolicyRole): RoleType {
  return scope.kind === 'existing' ? scope.type : scope.kind === 'global' ? 'global' : 'item';
}

/** Two `existing:` roles of one name are the same role. */
function isDefined(a: PolicyRole, b: PolicyRole): boolean {
  return a.scope.kind !== 'existing' || b.scope.kind !== 'existing';
}

function meet(a: readonly Selector[], b: readonly Selector[]): boolean {
  return a.some((one) => b.some((other) => surelyTogether(one, other)));
}
