import assert from 'node:assert/strict';
import type { BatchOutcome, StrategyChange } from '../src/access/ports/controller.ts';
import { type RoleDefinition, type RoleKey, roleKey } from '../src/access/role.ts';
import type { Scene } from './case.ts';

/** Sends changes with the preconditions as they stand now. */
export async function send(
  scene: Scene,
  changes: readonly StrategyChange[],
  keepAdministrators: readonly string[] = [scene.stage.user],
): Promise<BatchOutcome> {
  const { roles } = await scene.stage.controller.observe();
  const digests = new Map(roles.map((role) => [roleKey(role), role.digest]));
  const touched = new Map(changes.map(({ role: { type, name } }) => [roleKey({ type, name }), { type, name }]));
  const preconditions = [...touched].map(([key, role]) => ({ role, digest: digests.get(key) ?? 'absent' }));
  const fence = scene.fence();
  return scene.stage.controller.apply({ id: `e2e-${fence}`, fence, preconditions, changes, keepAdministrators });
}

/** Makes a role for the case, with its grants; it goes afterwards. */
export async function make(scene: Scene, role: RoleDefinition, users: readonly string[] = []): Promise<RoleKey> {
  const key = { type: role.type, name: role.name };
  scene.afterwards(async () => {
    const { roles } = await scene.stage.controller.observe();
    if (roles.some((one) => roleKey(one) === roleKey(key))) await send(scene, [{ op: 'delete-role', role: key }]);
  });
  const grants = users.map((id): StrategyChange => ({ op: 'grant', role: key, principal: { type: 'user', id } }));
  const outcome = await send(scene, [{ op: 'create-role', role }, ...grants]);
  assert.equal(outcome.outcome, 'done', JSON.stringify(outcome));
  return key;
}
