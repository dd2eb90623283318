import type { Capabilities, ObservedRole } from '../../access/ports/controller.ts';
import { foldId, type Principal } from '../../access/principal.ts';
import { type RoleDefinition, roleKey } from '../../access/role.ts';
import type { Authority } from '../administrative.ts';
import type { Step } from '../step.ts';

/** Who holds which role; a value, changed by making another one. */
export interface Holdings {
  /** By `roleKey`. */
  readonly roles: ReadonlyMap<string, Holding>;
  holder(principal: Principal): string;
  after(steps: Iterable<Step>): Holdings;
}

export interface Holding {
  readonly definition: RoleDefinition;
  /** `user:` or `group:` and the folded SID. */
  readonly holders: ReadonlySet<string>;
}

export function holdingsOf(roles: readonly ObservedRole[], ids: Pick<Capabilities, 'userIds' | 'groupIds'>): Holdings {
  const strategy = `${ids.userIds} ${ids.groupIds}`;
  const holder = (principal: Principal): string => holderOf(principal, ids);
  const holders = (role: ObservedRole): ReadonlySet<string> => {
    const known = holdersByRole.get(role);
    if (known?.strategy === strategy) return known.holders;
    const made = new Set(role.entries.map(holder));
    holdersByRole.set(role, { strategy, holders: made });
    return made;
  };
  return make(new Map(roles.map((role) => [roleKey(role), { definition: role, holders: holders(role) }])), holder);
}

/** Roles as read never change: each is folded once, however many plans are judged on that reading. */
const holdersByRole = new WeakMap<ObservedRole, { readonly strategy: string; readonly holders: ReadonlySet<string> }>();

/** Names whoever an entry means: entries without a kind count as people. */
export function holderOf({ type, id }: Principal, ids: Pick<Capabilities, 'userIds' | 'groupIds'>): string {
  return type === 'group' ? `group:${foldId(id, ids.groupIds)}` : `user:${foldId(id, ids.userIds)}`;
}

function make(roles: ReadonlyMap<string, Holding>, holder: Holdings['holder']): Holdings {
  return {
    roles,
    holder,
    after: (steps) => {
      const changed = new Map(roles);
      const own = new Map<string, Set<string>>();
      const edit = (key: string, change: (holders: Set<string>) => void): void => {
        const known = changed.get(key);
        if (known === undefined) return;
        const holders = own.get(key) ?? new Set(known.holders);
        own.set(key, holders);
        change(holders);
        changed.set(key, { definition: known.definition, holders });
      };
      for (const step of steps) {
        if (step.kind === 'create-role') changed.set(roleKey(step.role), { definition: step.role, holders: new Set() });
        else if (step.kind === 'update-role') {
          const known = changed.get(roleKey(step.role));
          changed.set(roleKey(step.role), { definition: step.role, holders: known?.holders ?? new Set() });
        } else if (step.kind === 'delete-role') changed.delete(roleKey(step.role));
        else if (step.kind === 'grant') edit(roleKey(step.role), (all) => all.add(holder(step.principal)));
        else if (step.kind === 'revoke') edit(roleKey(step.role), (all) => all.delete(holder(step.principal)));
        else if (step.kind === 'remove-entries')
          for (const { role, principal } of step.entries ?? [])
            edit(roleKey(role), (all) => all.delete(holder(principal)));
      }
      return make(changed, holder);
    },
  };
}

/** Whoever holds a role that is administrative. */
export function administratorsOf({ roles }: Holdings, authority: Authority): Set<string> {
  const found = new Set<string>();
  for (const { definition, holders } of roles.values())
    if (authority.administrative(definition.permissions)) for (const holder of holders) found.add(holder);
  return found;
}

/** Names one holder in one role. */
export function unitOf(role: string, holder: string): string {
  return `${role}\u0000${holder}`;
}

/**
 * Units of `before` that give less in `after`: some permission of the role is gone there and nothing else the same holder has
 * gives it. A move from role to role that keeps the permissions loses nothing.
 */
export function lostUnits(
  before: Holdings,
  after: Holdings,
  authority: Authority,
): Map<string, { role: string; holder: string }> {
  const affected = new Map<string, { role: string; holder: string; lacking: RoleDefinition }>();
  for (const [key, { definition, holders }] of before.roles) {
    const now = after.roles.get(key);
    const same = now !== undefined && now.definition === definition;
    if (same && now.holders === holders) continue;
    for (const holder of holders) {
      if (same && now.holders.has(holder)) continue;
      affected.set(unitOf(key, holder), { role: key, holder, lacking: definition });
    }
  }
  if (affected.size === 0) return new Map();
  const wanted = new Set([...affected.values()].map(({ holder }) => holder));
  const definitions = new Map<string, RoleDefinition[]>();
  for (const { definition, holders } of after.roles.values())
    for (const holder of smaller(holders, wanted)) {
      if (!holders.has(holder) || !wanted.has(holder)) continue;
      const known = definitions.get(holder);
      if (known === undefined) definitions.set(holder, [definition]);
      else known.push(definition);
    }
  return new Map(
    [...affected].flatMap(([unit, { role, holder, lacking }]) =>
      covers(definitions.get(holder) ?? [], lacking, authority) ? [] : [[unit, { role, holder }] as const],
    ),
  );
}

function smaller(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return a.size < b.size ? a : b;
}

function covers(having: readonly RoleDefinition[], wanted: RoleDefinition, authority: Authority): boolean {
  if (having.some((role) => authority.administers(role))) return true;
  return wanted.permissions.every((permission) =>
    having.some(
      ({ type, pattern, permissions }) =>
        permissions.includes(permission) &&
        ((type === 'global' && wanted.type !== 'agent') || (type === wanted.type && pattern === wanted.pattern)),
    ),
  );
}
