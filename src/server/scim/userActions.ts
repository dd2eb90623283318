import { breather, inTurns } from '../../access/breather.ts';
import type { Breathe } from '../../access/ports/store.ts';
import type { Changed, Condition } from '../../directory/directory.ts';
import { readResource } from '../../scim/intake/resource.ts';
import { readOperations } from '../../scim/patch/operation.ts';
import { compileUserPatch } from '../../scim/patch/userPatch.ts';
import type { UserResource } from '../../scim/resource.ts';
import type { Asked } from './conversation.ts';
import type { ScimDeps } from './deps.ts';

/** What a request or one operation of a bulk request asks for, with its body. */
export interface Action extends Asked {
  readonly body: unknown;
  readonly condition: Condition | undefined;
}

export function createUser({ caller, dialect, body }: Action, { directory }: ScimDeps): Promise<UserResource> {
  return directory.createUser(caller, readResource('User', body, dialect).attributes);
}

export async function replaceUser(
  { caller, dialect, id, condition, body }: Action,
  { directory }: Pick<ScimDeps, 'directory'>,
  related = false,
): Promise<Changed<UserResource>> {
  // Judged before the transaction; inside, what the body leaves out is taken from what is stored.
  readResource('User', body, dialect);
  const replace = (current: UserResource['attributes']) => readResource('User', body, dialect, current).attributes;
  return directory.changeUser(caller, id, replace, condition, related);
}

export async function patchUser(
  { caller, dialect, id, condition, body }: Action,
  { directory, limits, timers }: Pick<ScimDeps, 'directory' | 'limits' | 'timers'>,
  related = false,
): Promise<Changed<UserResource>> {
  const patch = await inTurns(compileUserPatch(readOperations(body, dialect), dialect, limits), breather(timers));
  const change = (current: UserResource['attributes'], breathe: Breathe) => inTurns(patch(current), breathe);
  return directory.changeUser(caller, id, change, condition, related);
}

export function deleteUser({ caller, id, condition }: Action, { directory }: ScimDeps): Promise<void> {
  return directory.deleteUser(caller, id, condition);
}
