import type { PermissionInfo } from '../access/ports/controller.ts';
import type { RoleDefinition } from '../access/role.ts';

export const ADMINISTER = 'hudson.model.Hudson.Administer';

const ROLE_STRATEGY = 'com.michelin.cio.hudson.plugins.rolestrategy.RoleBasedAuthorizationStrategy';

/** What makes a role administrative (policy.md): whoever has one of these can get the rest, or nearly. */
const ADMINISTRATIVE: readonly string[] = [
  ADMINISTER,
  'hudson.model.Hudson.RunScripts',
  'hudson.model.Hudson.UploadPlugins',
  'hudson.model.Hudson.ConfigureUpdateCenter',
  'hudson.model.Hudson.Manage',
  `${ROLE_STRATEGY}.ItemRoles`,
  `${ROLE_STRATEGY}.AgentRoles`,
  ...['GenericRead', 'GenericWrite', 'GenericCreate', 'GenericUpdate', 'GenericDelete', 'GenericConfigure'].map(
    (name) => `hudson.security.Permission.${name}`,
  ),
  'hudson.security.Permission.FullControl',
  'hudson.model.Hudson.FullControl',
];

/** Judges permissions by a controller's live catalogue, implied ones included. */
export interface Authority {
  /** Whether one of these is administrative or implies something that is. */
  administrative(permissions: readonly string[]): boolean;
  /** Whether whoever holds this role can administer Jenkins. An item role never gives that [13]. */
  administers(role: Pick<RoleDefinition, 'type' | 'permissions'>): boolean;
}

/** An authority over the catalogue of one controller. */
export function authority(catalogue: readonly PermissionInfo[]): Authority {
  const impliedBy = new Map(catalogue.map((permission) => [permission.id, permission.impliedBy]));
  const administrative = new Set(ADMINISTRATIVE.flatMap((id) => [id, ...above(id, impliedBy)]));
  const administer = new Set([ADMINISTER, ...above(ADMINISTER, impliedBy)]);
  return {
    administrative: (permissions) => permissions.some((id) => administrative.has(id)),
    administers: ({ type, permissions }) => type === 'global' && permissions.some((id) => administer.has(id)),
  };
}

function above(id: string, impliedBy: ReadonlyMap<string, string | undefined>): string[] {
  const found: string[] = [];
  for (let next = impliedBy.get(id); next !== undefined && !found.includes(next); next = impliedBy.get(next))
    found.push(next);
  return found;
}
