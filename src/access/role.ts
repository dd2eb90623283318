/** role-strategy's three maps: globalRoles, projectRoles, slaveRoles (RoleType.java). */
export type RoleType = 'global' | 'item' | 'agent';

/** Names one role on one controller. */
export interface RoleKey {
  readonly type: RoleType;
  readonly name: string;
}

/** A role as Jenkins holds it. */
export interface RoleDefinition extends RoleKey {
  /** Java regex on full names; always `.*` for global roles. */
  readonly pattern: string;
  /** Permission ids (`hudson.model.Item.Read`), sorted, no duplicates. */
  readonly permissions: readonly string[];
  readonly template?: string;
}

/** A stable text key for maps and digests. */
export function roleKey(role: RoleKey): string {
  return `${role.type}:${role.name}`;
}
