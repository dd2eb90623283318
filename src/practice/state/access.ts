import { foldId } from '../../access/principal.ts';
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

/**
 * Whether roles give a permission: global ones everywhere, item roles on the items they match. USER entries match the
 * principal, GROUP entries an authority, EITHER both; exact first, then folded (RoleMap.java:169). `USER:anonymous` and
 * `GROUP:role_everyone` hold for everybody (SidACL, AUTOMATIC_SIDS).
 */
export function mayDo(strategy: Strategy, visitor: Visitor, permission: string, item?: string): boolean {
  const wanted = implying(permission);
  const gives = (role: HeldRole): boolean => role.permissions.some((id) => wanted.includes(id)) && holds(role, visitor);
  if (strategy.roles('global').some(gives)) return true;
  return (
    item !== undefined && strategy.roles('item').some((role) => gives(role) && javaPattern(role.pattern).test(item))
  );
}

function holds(role: HeldRole, visitor: Visitor): boolean {
  if (principalIn(role, visitor.name) || principalIn(role, 'anonymous')) return true;
  return [...visitor.authorities, 'role_everyone'].some((authority) => authorityIn(role, authority));
}

function principalIn(role: HeldRole, name: string): boolean {
  return matches(role, name, 'user');
}

function authorityIn(role: HeldRole, authority: string): boolean {
  return matches(role, authority, 'group');
}

function matches(role: HeldRole, id: string, type: 'user' | 'group'): boolean {
  if (role.entries.has(entryKey({ type, id })) || role.entries.has(entryKey({ type: 'either', id }))) return true;
  const folded = foldId(id, 'case-insensitive');
  for (const entry of role.entries.values())
    if ((entry.type === type || entry.type === 'either') && foldId(entry.id, 'case-insensitive') === folded)
      return true;
  return false;
}
