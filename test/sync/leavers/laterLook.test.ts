import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RemoteTriggers } from '../../../src/access/ports/controller.ts';
import { UNSEEN_TRIGGERS } from '../../../src/sync/leavers/residue.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, syncWorld } from '../world.ts';

const JOB = 'remote build trigger of job pay/api, for whoever knows its token';

test('build triggers that could not be looked at in time are off a certificate when a later leaver showed them', async (t) => {
  let seen: RemoteTriggers = { count: 1, jobs: ['old/job'], whole: false };
  const world = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      cut: async (fence, orders) => ({ ...(await controller.cut(fence, orders)), remoteTriggers: seen }),
    }),
  });
  for (const name of ['ana', 'bo', 'cy']) {
    await world.person(name);
    world.practice.hands.account(name, 'pw');
  }
  for (const name of ['some', 'who', 'do', 'not', 'leave']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo', 'cy']);
  await eventually(() => world.holders('pay-developer').length === 3);
  const residual = async (name: string) => (await world.certificate(name)).controllers[0]!.residual;
  const leave = async (name: string): Promise<void> => {
    await world.change(name, { active: false });
    await eventually(async () => (await world.certificate(name)).complete);
  };
  await leave('ana');
  assert.ok((await residual('ana')).includes(UNSEEN_TRIGGERS));
  await leave('bo');
  assert.ok((await residual('ana')).includes(UNSEEN_TRIGGERS), 'a look that was not whole either says nothing');
  seen = { count: 1, jobs: ['pay/api'], whole: true };
  await leave('cy');
  for (const name of ['ana', 'bo', 'cy'])
    assert.deepEqual(
      (await residual(name)).filter((text) => /trigger/.test(text)),
      [JOB],
    );
  seen = { count: 0, jobs: [], whole: false };
  await world.person('di');
  world.practice.hands.account('di', 'pw');
  await world.add('ci-pay-dev', 'di');
  await eventually(() => world.holders('pay-developer').includes('di'));
  await leave('di');
  assert.ok((await residual('di')).includes(UNSEEN_TRIGGERS), 'an earlier look is none of later jobs');
});
