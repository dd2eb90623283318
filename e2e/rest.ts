import type { PrincipalType } from '../src/access/principal.ts';
import type { RoleKey } from '../src/access/role.ts';
import { speak } from './http.ts';
import type { SeenRole, Stage } from './stage.ts';

const TYPES = { global: 'globalRoles', item: 'projectRoles', agent: 'slaveRoles' } as const;
const ASSIGN: Readonly<Record<PrincipalType, readonly [method: string, parameter: string]>> = {
  user: ['assignUserRole', 'user'],
  group: ['assignGroupRole', 'group'],
  either: ['assignRole', 'sid'],
};

/** A role as role-strategy's own REST tells it: none of our scripts is asked. Undefined where there is none. */
export async function seen(stage: Stage, role: RoleKey): Promise<SeenRole | undefined> {
  const url = method(stage, 'getRole');
  url.searchParams.set('type', TYPES[role.type]);
  url.searchParams.set('roleName', role.name);
  const { status, body } = await speak(url, { user: stage.user, secret: stage.token });
  if (status !== 200) throw new Error(`getRole answered ${status}`);
  const told = JSON.parse(body) as {
    permissionIds?: Record<string, boolean>;
    pattern?: string;
    sids?: { type: string; sid: string }[];
  };
  if (told.permissionIds === undefined) return undefined;
  return {
    permissions: Object.keys(told.permissionIds).toSorted(),
    pattern: told.pattern,
    entries: (told.sids ?? []).map(({ type, sid }) => ({ type: type.toLowerCase() as PrincipalType, sid })),
  };
}

/** Entries as words, `user ana`, sorted; what cases compare. */
export async function entries(stage: Stage, role: RoleKey): Promise<string[]> {
  return ((await seen(stage, role))?.entries ?? []).map(({ type, sid }) => `${type} ${sid}`).toSorted();
}

/** A grant made by hand. */
export async function assignByHand(stage: Stage, role: RoleKey, type: PrincipalType, sid: string): Promise<void> {
  await write(stage, ASSIGN[type][0], role, ASSIGN[type][1], sid);
}

export async function unassignByHand(stage: Stage, role: RoleKey, type: PrincipalType, sid: string): Promise<void> {
  await write(stage, `un${ASSIGN[type][0]}`, role, ASSIGN[type][1], sid);
}

async function write(stage: Stage, name: string, role: RoleKey, parameter: string, sid: string): Promise<void> {
  const form = { type: TYPES[role.type], roleName: role.name, [parameter]: sid };
  const { status } = await speak(method(stage, name), { method: 'POST', user: stage.user, secret: stage.token, form });
  if (status !== 200) throw new Error(`${name} answered ${status}`);
}

function method(stage: Stage, name: string): URL {
  return new URL(`role-strategy/strategy/${name}`, stage.url);
}
