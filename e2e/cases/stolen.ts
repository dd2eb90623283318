import assert from 'node:assert/strict';
import type { Case } from '../case.ts';
import { eventually } from '../eventually.ts';
import { pushTeam, putIn } from '../pushed.ts';
import { entries } from '../rest.ts';
import { startService } from '../service.ts';
import { policyOf, roleOf } from './service.ts';

export const takenBack: Case = {
  name: 'service: what a stolen SCIM token gave is taken back, and waits; what was there before stays',
  async run(scene) {
    const { stage, prefix } = scene;
    const service = await startService(scene, policyOf(scene));
    const [ana, mallory] = [`${prefix}ana`, `${prefix}mallory`];
    const { group } = await pushTeam(service.okta, `${prefix}devs`, [ana]);
    await eventually(() => entries(stage, roleOf(scene)), [`user ${ana}`]);
    const thief = await service.another('okta');
    const since = new Date(Date.now() - 1).toISOString();
    const made = await thief.send('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      ...{ userName: mallory, active: true },
    });
    await putIn(thief, group, { id: String(made.body.id), userName: mallory });
    await eventually(() => entries(stage, roleOf(scene)), [`user ${ana}`, `user ${mallory}`]);
    const started = performance.now();
    const { controllers } = await service.engine.tokens.compromised({ id: thief.credential, since }, () => {});
    const took = Math.round(performance.now() - started);
    assert.deepEqual(await entries(stage, roleOf(scene)), [`user ${ana}`], JSON.stringify(controllers));
    await eventually(
      async () => (await service.engine.held()).map(({ ceiling, steps }) => [ceiling, steps]),
      [['compromised', 1]],
    );
    assert.deepEqual(await entries(stage, roleOf(scene)), [`user ${ana}`]);
    return `taken back after ${took} ms`;
  },
};

export const usedByOthers: Case = {
  name: "service: one use of the service's own token by somebody else is found",
  async run(scene) {
    const { stage, prefix } = scene;
    const service = await startService(scene, policyOf(scene));
    const uses = async () =>
      (await service.engine.probes()).uses?.map(({ counted, others }) => [counted, others?.count]);
    await eventually(uses, [[true, undefined]]);
    await stage.controller.whoAmI();
    service.policy(policyOf({ ...scene, prefix: `${prefix}x-` }));
    const took = await eventually(uses, [[true, 1]]);
    return `found ${took} ms after an edit of the policy, by the look that follows`;
  },
};
