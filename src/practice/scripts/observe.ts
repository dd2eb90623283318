import { digest } from '../../access/canonical.ts';
import type { RoleKey, RoleType } from '../../access/role.ts';
import { toWord } from '../../jenkins/strategies/role-strategy/entry.ts';
import type { RoleReply } from '../../jenkins/strategies/role-strategy/role.ts';
import { type Home, ROLE_STRATEGY } from '../state/home.ts';
import { type HeldRole, ROLE_TYPES } from '../state/strategy.ts';

/** Every role with its digest. Roles are never changed in place, so a digest is worked out once a role. */
export function observed(home: Home) {
  if (home.strategyClass !== ROLE_STRATEGY) return { ...printed(home), roles: null };
  return { ...printed(home), roles: allRoles(home) };
}

export function printed(home: Home): { strategy: string; fingerprint: string } {
  const digests = home.strategyClass === ROLE_STRATEGY ? allRoles(home).map((role) => role.digest) : [];
  return { strategy: home.strategyClass, fingerprint: digest([home.strategyClass, digests]) };
}

/** One role as the scripts tell it. */
export function roleReply(home: Home, key: RoleKey): RoleReply | undefined {
  const role = home.strategy.role(key);
  return role === undefined ? undefined : told(key.type, role);
}

function allRoles(home: Home): RoleReply[] {
  return ROLE_TYPES.flatMap((type) => home.strategy.roles(type).map((role) => told(type, role)));
}

const TOLD = new WeakMap<HeldRole, RoleReply>();

function told(type: RoleType, role: HeldRole): RoleReply {
  const known = TOLD.get(role);
  if (known !== undefined) return known;
  const body = {
    type,
    name: role.name,
    pattern: role.pattern,
    template: role.template === undefined || role.template === '' ? null : role.template,
    permissions: [...role.permissions].sort(),
    entries: [...role.entries.values()].map(toWord).sort(),
  };
  const reply = { ...body, digest: digest(body) };
  TOLD.set(role, reply);
  return reply;
}
