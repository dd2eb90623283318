import type { PrincipalType } from '../../access/principal.ts';
import { resolvePermissions } from '../state/catalogue.ts';
import type { Strategy } from '../state/strategy.ts';
import { list, need, type Parameters, pattern, Rejected, roleType } from './parameters.ts';

/** A write: unknown roles and entries change nothing, and everything is saved all the same. */
interface Write {
  /** What any other verb than POST gets: @RequirePOST answers 405, @POST 404. */
  readonly otherMethods: 404 | 405;
  run(strategy: Strategy, parameters: Parameters): void;
}

/** RoleBasedAuthorizationStrategy's write methods (jenkins.md §1.3). */
export const WRITES: ReadonlyMap<string, Write> = new Map<string, Write>([
  ['addRole', { otherMethods: 405, run: addRole }],
  ['removeRoles', { otherMethods: 405, run: removeRoles }],
  ['assignUserRole', { otherMethods: 405, run: assign('user', 'user') }],
  ['assignGroupRole', { otherMethods: 405, run: assign('group', 'group') }],
  ['assignRole', { otherMethods: 405, run: assign('either', 'sid') }],
  ['unassignUserRole', { otherMethods: 405, run: unassign('user', 'user') }],
  ['unassignGroupRole', { otherMethods: 405, run: unassign('group', 'group') }],
  ['unassignRole', { otherMethods: 405, run: unassign('either', 'sid') }],
  ['deleteUser', { otherMethods: 405, run: deleteEverywhere('user', 'user') }],
  ['deleteGroup', { otherMethods: 405, run: deleteEverywhere('group', 'group') }],
  ['deleteSid', { otherMethods: 405, run: deleteEverywhere('either', 'sid') }],
  ['addTemplate', { otherMethods: 404, run: addTemplate }],
  ['removeTemplates', { otherMethods: 404, run: removeTemplates }],
]);

/** `overwrite=true` on an existing role drops its assignments; anything else leaves it as it is (jenkins.md §1.3.1). */
function addRole(strategy: Strategy, parameters: Parameters): void {
  const typeName = need(parameters, 'type');
  const name = need(parameters, 'roleName');
  const ids = need(parameters, 'permissionIds');
  const overwrite = need(parameters, 'overwrite') === 'true';
  const type = roleType(typeName);
  const source = type === 'global' ? '.*' : (parameters.get('pattern') ?? '.*');
  pattern(source);
  const template = type === 'item' ? (parameters.get('template') ?? '') : undefined;
  const linked = template === undefined || template === '' ? undefined : strategy.template(template);
  if (template !== undefined && template !== '' && linked === undefined)
    throw new Rejected(`A template with name ${template} doesn't exists.`);
  if (strategy.role({ type, name }) !== undefined && !overwrite) return;
  strategy.put(type, {
    name,
    pattern: source,
    permissions: linked ?? resolvePermissions(list(ids)),
    ...(template === undefined ? {} : { template }),
    entries: new Map(),
  });
}

/** Names are not trimmed: `g5, g6` removes g5 only. */
function removeRoles(strategy: Strategy, parameters: Parameters): void {
  const typeName = need(parameters, 'type');
  const names = need(parameters, 'roleNames');
  const type = roleType(typeName);
  for (const name of names.split(',')) strategy.remove({ type, name });
}

function assign(kind: PrincipalType, parameter: string): Write['run'] {
  return (strategy, parameters) => {
    const { type, name, id } = target(parameters, parameter);
    strategy.assign({ type, name }, { type: kind, id });
  };
}

function unassign(kind: PrincipalType, parameter: string): Write['run'] {
  return (strategy, parameters) => {
    const { type, name, id } = target(parameters, parameter);
    strategy.unassign({ type, name }, { type: kind, id });
  };
}

/** From all roles of the type, by exact equality. */
function deleteEverywhere(kind: PrincipalType, parameter: string): Write['run'] {
  return (strategy, parameters) => {
    const typeName = need(parameters, 'type');
    const id = need(parameters, parameter);
    const type = roleType(typeName);
    for (const { name } of strategy.roles(type)) strategy.unassign({ type, name }, { type: kind, id });
  };
}

function target(parameters: Parameters, parameter: string) {
  const typeName = need(parameters, 'type');
  const name = need(parameters, 'roleName');
  const id = need(parameters, parameter);
  return { type: roleType(typeName), name, id };
}

function addTemplate(strategy: Strategy, parameters: Parameters): void {
  const name = need(parameters, 'name');
  const ids = need(parameters, 'permissionIds');
  if (strategy.template(name) !== undefined && parameters.get('overwrite') !== 'true')
    throw new Rejected(`A template with name ${name} already exists.`);
  strategy.putTemplate(name, resolvePermissions(list(ids)));
}

/** Names are trimmed here; a template in use stays unless forced. */
function removeTemplates(strategy: Strategy, parameters: Parameters): void {
  const names = need(parameters, 'names');
  const force = parameters.get('force') === 'true';
  for (const name of names.split(',').map((part) => part.trim()))
    if (force || strategy.linked(name).length === 0) strategy.removeTemplate(name);
}
