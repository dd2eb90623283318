import type { PrincipalType } from '../../access/principal.ts';
import { type Answer, json } from '../answer.ts';
import { permission } from '../state/catalogue.ts';
import type { Home } from '../state/home.ts';
import type { HeldRole, Strategy } from '../state/strategy.ts';
import { need, type Parameters, pattern, roleType } from './parameters.ts';

type Read = (home: Home, parameters: Parameters) => Answer;

/** RoleBasedAuthorizationStrategy's @GET methods (jenkins.md §1.4). */
export const READS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['getAllRoles', (home, p) => json(allRoles(home.strategy, p))],
  ['getRole', (home, p) => json(oneRole(home.strategy, p))],
  ['getRoleAssignments', (home, p) => json(assignments(home.strategy, p))],
  ['getTemplate', (home, p) => json(template(home.strategy, p))],
  ['getMatchingJobs', (home, p) => json(matchingJobs(home, p))],
  ['getMatchingAgents', (_, p) => json(matchingAgents(p))],
]);

function allRoles(strategy: Strategy, parameters: Parameters): unknown {
  const type = roleType(parameters.get('type') ?? 'globalRoles');
  return Object.fromEntries(strategy.roles(type).map((role) => [role.name, sids(role)]));
}

function oneRole(strategy: Strategy, parameters: Parameters): unknown {
  const type = roleType(need(parameters, 'type'));
  const role = strategy.role({ type, name: need(parameters, 'roleName') });
  if (role === undefined) return {};
  return {
    permissionIds: enabledOf(role.permissions),
    ...(type === 'global' ? {} : { pattern: role.pattern }),
    sids: sids(role),
    ...(type === 'item' && role.template !== undefined ? { template: role.template } : {}),
  };
}

/** Sorted by kind in the order of the Java enum, then by name. */
function assignments(strategy: Strategy, parameters: Parameters): unknown {
  const type = roleType(parameters.get('type') ?? 'globalRoles');
  const rows = new Map<string, { name: string; type: string; roles: string[] }>();
  for (const role of strategy.roles(type))
    for (const [key, { type: kind, id }] of role.entries) {
      const row = rows.get(key) ?? { name: id, type: kind.toUpperCase(), roles: [] };
      row.roles.push(role.name);
      rows.set(key, row);
    }
  return [...rows.values()].sort((a, b) => KINDS.indexOf(a.type) - KINDS.indexOf(b.type) || (a.name < b.name ? -1 : 1));
}

const KINDS = (['user', 'group', 'either'] satisfies PrincipalType[]).map((kind) => kind.toUpperCase());

function template(strategy: Strategy, parameters: Parameters): unknown {
  const name = need(parameters, 'name');
  const permissions = strategy.template(name);
  if (permissions === undefined) return {};
  return { permissionIds: enabledOf(permissions), isUsed: strategy.linked(name).length > 0 };
}

/** Without a positive `maxJobs` nothing is listed, but all are counted (topic 02, exchange 123). */
function matchingJobs(home: Home, parameters: Parameters): unknown {
  const matcher = pattern(need(parameters, 'pattern'));
  const found = home.items.filter((item) => matcher.test(item.fullName));
  const most = Math.max(0, Number.parseInt(parameters.get('maxJobs') ?? '0', 10) || 0);
  return {
    matchingJobs: found.slice(0, most).map((item) => item.displayName ?? item.fullName),
    itemCount: found.length,
  };
}

/** There are no agents here. */
function matchingAgents(parameters: Parameters): unknown {
  pattern(need(parameters, 'pattern'));
  return { matchingAgents: [], agentCount: 0 };
}

function sids(role: HeldRole): { type: string; sid: string }[] {
  return [...role.entries.values()].map(({ type, id }) => ({ type: type.toUpperCase(), sid: id }));
}

/** The values tell whether a permission is enabled on the controller, not whether it is granted. */
function enabledOf(ids: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(ids.map((id) => [id, permission(id)?.enabled ?? false]));
}
