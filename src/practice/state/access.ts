import { foldId, type IdStrategy } from '../../access/principal.ts';
import { implying } from './catalogue.ts';
import { javaPattern } from './pattern.ts';
import { entryKey, type HeldRole, type Strategy } from './strategy.ts';

/** Who a request acts as. */
export interface Visitor {
  readonly name: string;
  readonly anonymous: boolean;
  readonly authorities: readonly string[];
}

export const ANONYMOUS: Visitor = { name: 'anonymous', anonymous: true, authorities: ['anonymous'] };

/** What is asked: roles, and how ids of users are compared there. */
interface Asked {
  readonly strategy: Strategy;
  readonly userIds: IdStrategy;
}

/**
 * Whether roles give a permission: global ones everywhere, item roles on the items they match. USER entries match the
 * principal, GROUP entries an authority, EITHER both; exact first, then folded (RoleMap.java:169). `USER:anonymous` and
 * `GROUP:role_everyone` hold for everybody (SidACL, AUTOMATIC_SIDS).
 */
export function mayDo({ strategy, userIds }: Asked, visitor: Visitor, permission: string, item?: string): boolean {
  const wanted = implying(permission);
  const gives = (role: HeldRole): boolean =>
    role.permissions.some((id) => wanted.includes(id)) && holds(role, visitor, userIds);
  if (strategy.roles('global').some(gives)) return true;
  return (
    item !== undefined && strategy.roles('item').some((role) => gives(role) && javaPattern(role.pattern).test(item))
  );
}

function holds(role: HeldRole, visitor: Visitor, userIds: IdStrategy): boolean {
  if (matches(role, visitor.name, 'user', userIds) || matches(role, 'anonymous', 'user', userIds)) return true;
  return [...visitor.authorities, 'role_everyone'].some((authority) =>
    matches(role, authority, 'group', 'case-insensitive'),
  );
}

function matches(role: HeldRole, id: string, type: 'user' | 'group', ids: IdStrategy): boolean {
  if (role.entries.has(entryKey({ type, id })) || role.entries.has(entryKey({ type: 'either', id }))) return true;
  const folded = foldId(id, ids);
  for (const entry of role.entries.values())
    if ((entry.type === type || entry.type === 'either') && foldId(entry.id, ids) === folded) return true;
  return false;
}
