import type { Principal } from './principal.ts';
import type { Reason } from './reason.ts';
import { type RoleKey, roleKey } from './role.ts';

/** One role given to one principal on one controller. */
export interface Grant {
  readonly role: RoleKey;
  readonly principal: Principal;
  readonly reasons: readonly Reason[];
}

/** A stable text key: role and entry, byte for byte. */
export function grantKey(role: RoleKey, principal: Principal): string {
  return `${roleKey(role)}\u0000${principal.type}\u0000${principal.id}`;
}
