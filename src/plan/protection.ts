import { foldId, type IdStrategy, type Principal } from '../access/principal.ts';
import type { RoleKey } from '../access/role.ts';
import { globMatches } from '../config/glob.ts';
import type { ControllerConfig } from '../config/schema.ts';

/** What neither gains nor loses (semantics §5, rule 1 of the ladder). */
export interface Protection {
  user(id: string): boolean;
  role(role: RoleKey): boolean;
  entry(role: RoleKey, principal: Principal): boolean;
}

/**
 * `protect` globs (`*` any characters, `?` one), `breakGlass` and the account of the service. Ids are compared folded and,
 * to be safe, without regard to case: `protect: [admin]` covers `Admin` on every realm.
 */
export function protection(
  controller: Pick<ControllerConfig, 'user' | 'protect' | 'breakGlass'>,
  ids: { readonly userIds: IdStrategy; readonly groupIds: IdStrategy },
): Protection {
  const literal = new Set([controller.user, ...controller.breakGlass].map((id) => loose(foldId(id, ids.userIds))));
  const users = controller.protect.users.map(glob);
  const groups = controller.protect.groups.map(glob);
  const user = (id: string): boolean => {
    const folded = loose(foldId(id, ids.userIds));
    return literal.has(folded) || users.some((matches) => matches(folded));
  };
  const group = (id: string): boolean => groups.some((matches) => matches(loose(id)));
  const role = protectedRoles(controller);
  return {
    user,
    role,
    entry: (key, { type, id }) => role(key) || (type !== 'group' && user(id)) || (type !== 'user' && group(id)),
  };
}

/** Roles that `protect` names: nothing comes into them, nothing falls in them. */
export function protectedRoles({ protect }: Pick<ControllerConfig, 'protect'>): Protection['role'] {
  const roles = protect.roles.map(glob);
  return ({ name }) => roles.some((matches) => matches(loose(name)));
}

function loose(text: string): string {
  return foldId(text, 'case-insensitive');
}

/** Compared without regard to case. */
function glob(pattern: string): (text: string) => boolean {
  const wanted = loose(pattern);
  return (text) => globMatches(wanted, text);
}
