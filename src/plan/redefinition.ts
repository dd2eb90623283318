import type { RoleDefinition } from '../access/role.ts';

type Definition = Pick<RoleDefinition, 'pattern' | 'permissions'>;

/** The pattern that matches every name: what role-strategy proposes for a new role. */
const EVERYTHING = '.*';

/** Whether two definitions give the same: the order of permissions is irrelevant. */
export function sameDefinition(a: Definition, b: Definition): boolean {
  return !gives(a, b) && !gives(b, a);
}

/** Whether a redefinition gives anything that was not there; another pattern gives and takes, but for that of everything. */
export function widens({ role, before }: { readonly role: Definition; readonly before: Definition }): boolean {
  return gives(role, before);
}

/** Whether a redefinition takes anything away. */
export function narrows({ role, before }: { readonly role: Definition; readonly before: Definition }): boolean {
  return gives(before, role);
}

/** Whether a pattern is known to match whatever another one does. */
export function matchesAllOf(pattern: string | undefined, other: string | undefined): boolean {
  return pattern === other || pattern === EVERYTHING;
}

/** What a redefinition gives, beside all that is there; undefined where it gives nothing, or by another pattern, which gives and takes. */
export function added<T extends Definition>(role: T, before: Definition): T | undefined {
  if (role.pattern !== before.pattern || !gives(role, before)) return undefined;
  return { ...role, permissions: [...new Set([...role.permissions, ...before.permissions])].sort() };
}

function gives(more: Definition, less: Definition): boolean {
  if (!matchesAllOf(less.pattern, more.pattern)) return true;
  const known = new Set(less.permissions);
  return more.permissions.some((permission) => !known.has(permission));
}
