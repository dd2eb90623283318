import assert from 'node:assert/strict';
import type { Case } from '../case.ts';
import { entries, seen } from '../rest.ts';
import { make, send } from '../roles.ts';
import { readRoles } from '../visitor.ts';

const ITEM = ['hudson.model.Item.Build', 'hudson.model.Item.Read'];

export const grants: Case = {
  name: 'grants: a role with its grants in one save, a revoke in another',
  async run(scene) {
    const { stage, prefix } = scene;
    const role = { type: 'item', name: `${prefix}dev`, pattern: '\\Qpay\\E($|/.*)', permissions: ITEM } as const;
    const key = await make(scene, role, ['ana', 'ben']);
    const there = await seen(stage, key);
    assert.deepEqual(there?.permissions, ITEM);
    assert.equal(there?.pattern, role.pattern);
    assert.deepEqual(await entries(stage, key), ['user ana', 'user ben']);
    const revoked = await send(scene, [{ op: 'revoke', role: key, principal: { type: 'user', id: 'ana' } }]);
    assert.ok(revoked.outcome === 'done' && revoked.saves === 1, JSON.stringify(revoked));
    assert.deepEqual(await entries(stage, key), ['user ben']);
    return undefined;
  },
};

export const effect: Case = {
  name: 'effect: a grant is effective at once, and so is its end',
  async run(scene) {
    const { stage, prefix } = scene;
    const id = `${prefix}effect`;
    scene.afterwards(() => stage.rig.forget(id));
    await stage.rig.account(id, `${prefix}first-password`);
    const token = await stage.rig.token(id);
    const role = { type: 'global', name: `${prefix}boss`, pattern: '.*' } as const;
    const key = await make(scene, { ...role, permissions: ['hudson.model.Hudson.Administer'] });
    assert.equal(await readRoles(stage, id, token), 403);
    const principal = { type: 'user', id: id.toUpperCase() } as const;
    await send(scene, [{ op: 'grant', role: key, principal }]);
    assert.equal(await readRoles(stage, id, token), 200, 'the entry folds to the id');
    await send(scene, [{ op: 'revoke', role: key, principal }]);
    assert.equal(await readRoles(stage, id, token), 403);
    return undefined;
  },
};

export const redefinition: Case = {
  name: 'redefinition: another pattern and other permissions, the same assignments',
  async run(scene) {
    const { stage, prefix } = scene;
    const role = { type: 'item', name: `${prefix}redefined`, pattern: '\\Qweb\\E($|/.*)', permissions: ITEM } as const;
    const key = await make(scene, role, ['ana', 'ben', 'cleo']);
    await send(scene, [{ op: 'grant', role: key, principal: { type: 'group', id: 'devs' } }]);
    const before = await entries(stage, key);
    const permissions = ['hudson.model.Item.Cancel', 'hudson.model.Item.Read'];
    const outcome = await send(scene, [
      { op: 'update-role', role: { ...key, pattern: '\\Qdata\\E($|/.*)', permissions } },
    ]);
    assert.equal(outcome.outcome, 'done', JSON.stringify(outcome));
    const now = await seen(stage, key);
    assert.deepEqual(now?.permissions, permissions);
    assert.equal(now?.pattern, '\\Qdata\\E($|/.*)');
    assert.deepEqual(await entries(stage, key), before);
    return undefined;
  },
};
