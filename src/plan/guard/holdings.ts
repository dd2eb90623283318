import { inOneTurn, type Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import type { Capabilities, ObservedRole } from '../../access/ports/controller.ts';
import { foldId, type Principal } from '../../access/principal.ts';
import { type RoleDefinition, roleKey } from '../../access/role.ts';
import type { Authority } from '../administrative.ts';
import { matchesAllOf } from '../redefinition.ts';
import { entriesIn } from '../scene.ts';
import type { Step } from '../step.ts';

/** Who holds which role; a value, changed by making another one. */
export interface Holdings {
  /** By `roleKey`. */
  readonly roles: ReadonlyMap<string, Holding>;
  holder(principal: Principal): string;
  after(steps: Iterable<Step>): Steps<Holdings>;
}

interface Holding {
  readonly definition: RoleDefinition;
  /** `user:` or `group:` and the folded SID. */
  readonly holders: ReadonlySet<string>;
}

type Ids = Pick<Capabilities, 'userIds' | 'groupIds'>;

export function holdingsOf(roles: readonly ObservedRole[], ids: Ids): Holdings {
  const holder = (principal: Principal): string => holderOf(principal, ids);
  inOneTurn(foldHolders(roles, ids));
  const holders = (role: ObservedRole): ReadonlySet<string> => holdersByRole.get(role)!.holders;
  return make(new Map(roles.map((role) => [roleKey(role), { definition: role, holders: holders(role) }])), holder);
}

/** Folds in steps who holds these roles, where nobody has yet. */
export function* foldHolders(roles: readonly ObservedRole[], ids: Ids): Steps<void> {
  const strategy = `${ids.userIds} ${ids.groupIds}`;
  const open = roles.filter((role) => holdersByRole.get(role)?.strategy !== strategy);
  const made = new Map(open.map((role) => [role, new Set<string>()]));
  yield* inSteps(entriesIn(open), ([role, principal]) => {
    made.get(role)!.add(holderOf(principal, ids));
  });
  for (const [role, holders] of made) holdersByRole.set(role, { strategy, holders });
}

/** Roles as read never change: each is folded once, however many plans are judged on that reading. */
const holdersByRole = new WeakMap<ObservedRole, { readonly strategy: string; readonly holders: ReadonlySet<string> }>();

/** Names whoever an entry means: entries without a kind count as people. */
export function holderOf({ type, id }: Principal, ids: Ids): string {
  return type === 'group' ? `group:${foldId(id, ids.groupIds)}` : `user:${foldId(id, ids.userIds)}`;
}

function make(roles: ReadonlyMap<string, Holding>, holder: Holdings['holder']): Holdings {
  return {
    roles,
    holder,
    *after(steps) {
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
      yield* inSteps(steps, (step) => {
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
      });
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
export function* lostUnits(
  before: Holdings,
  after: Holdings,
  authority: Authority,
): Steps<Map<string, { role: string; holder: string }>> {
  const affected = new Map<string, { role: string; holder: string; lacking: RoleDefinition }>();
  yield* inSteps(unitsIn(before, after), ([key, definition, holder]) => {
    const now = after.roles.get(key);
    if (now?.definition === definition && now.holders.has(holder)) return;
    affected.set(unitOf(key, holder), { role: key, holder, lacking: definition });
  });
  if (affected.size === 0) return new Map();
  const wanted = new Set<string>();
  yield* inSteps(affected.values(), ({ holder }) => {
    wanted.add(holder);
  });
  const definitions = new Map<string, RoleDefinition[]>();
  yield* inSteps(holdersIn(after, wanted), ([definition, holders, holder]) => {
    if (!holders.has(holder) || !wanted.has(holder)) return;
    const known = definitions.get(holder);
    if (known === undefined) definitions.set(holder, [definition]);
    else known.push(definition);
  });
  const lost = new Map<string, { role: string; holder: string }>();
  yield* inSteps(affected, ([unit, { role, holder, lacking }]) => {
    if (!covers(definitions.get(holder) ?? [], lacking, authority)) lost.set(unit, { role, holder });
  });
  return lost;
}

/** Whoever held a role that is not what it was. */
function* unitsIn(before: Holdings, after: Holdings): Generator<readonly [string, RoleDefinition, string]> {
  for (const [key, { definition, holders }] of before.roles) {
    const now = after.roles.get(key);
    if (now?.definition === definition && now.holders === holders) continue;
    for (const holder of holders) yield [key, definition, holder];
  }
}

/** Roles with those to look at in each: its holders or the wanted ones, whichever are fewer. */
function* holdersIn(
  { roles }: Holdings,
  wanted: ReadonlySet<string>,
): Generator<readonly [RoleDefinition, ReadonlySet<string>, string]> {
  for (const { definition, holders } of roles.values())
    for (const holder of smaller(holders, wanted)) yield [definition, holders, holder];
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
        ((type === 'global' && wanted.type !== 'agent') ||
          (type === wanted.type && matchesAllOf(pattern, wanted.pattern))),
    ),
  );
}
