import assert from 'node:assert/strict';
import type { Case } from '../case.ts';
import { entries } from '../rest.ts';
import { make, send } from '../roles.ts';

export const lockOut: Case = {
  name: 'lock-out: a batch that leaves no administrator is put back',
  async run(scene) {
    const { stage, prefix } = scene;
    const last = `${prefix}last`;
    const role = { type: 'global', name: `${prefix}admins`, pattern: '.*' } as const;
    const key = await make(scene, { ...role, permissions: ['hudson.model.Hudson.Administer'] }, [last]);
    const before = await stage.controller.observe();
    for (const change of [
      { op: 'revoke', role: key, principal: { type: 'user', id: last } },
      { op: 'update-role', role: { ...role, permissions: ['hudson.model.Hudson.Read'] } },
      { op: 'delete-role', role: key },
    ] as const) {
      const outcome = await send(scene, [change], [last]);
      assert.equal(outcome.outcome, 'lock-out', `${change.op}: ${JSON.stringify(outcome)}`);
    }
    assert.deepEqual(await entries(stage, key), [`user ${last}`]);
    assert.deepEqual((await stage.controller.observe()).roles, before.roles);
    return undefined;
  },
};
