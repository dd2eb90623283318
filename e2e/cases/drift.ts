import assert from 'node:assert/strict';
import { roleKey } from '../../src/access/role.ts';
import type { Case } from '../case.ts';
import { assignByHand, entries, unassignByHand } from '../rest.ts';
import { make } from '../roles.ts';

export const drift: Case = {
  name: 'drift: a hand edit is noticed, and stops what was planned before it',
  async run(scene) {
    const { stage, prefix } = scene;
    const role = { type: 'item', name: `${prefix}drift`, pattern: '.*', permissions: [] } as const;
    const key = await make(scene, role, ['ana']);
    const planned = await stage.controller.observe();
    await assignByHand(stage, key, 'user', 'mallory');
    assert.notEqual((await stage.controller.fingerprint()).fingerprint, planned.fingerprint);
    const { digest } = planned.roles.find((one) => roleKey(one) === roleKey(key))!;
    const outcome = await stage.controller.apply({
      id: 'e2e-stale',
      fence: scene.fence(),
      preconditions: [{ role: key, digest }],
      changes: [{ op: 'grant', role: key, principal: { type: 'user', id: 'ben' } }],
      keepAdministrators: [stage.user],
    });
    assert.equal(outcome.outcome, 'conflict', JSON.stringify(outcome));
    assert.deepEqual(await entries(stage, key), ['user ana', 'user mallory']);
    await unassignByHand(stage, key, 'user', 'mallory');
    assert.equal((await stage.controller.fingerprint()).fingerprint, planned.fingerprint);
    return undefined;
  },
};
