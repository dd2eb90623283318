import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { refuse } from '../../../src/errors.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows } from '../rows.ts';
import { eventually, later, syncWorld } from '../world.ts';

/** People who hold roles of two teams, on a controller that can be cut off. */
async function teams(t: TestContext) {
  let away = false;
  let tries = 0;
  const gate = <T>(name: string, call: () => Promise<T>): Promise<T> => {
    if (!away) return call();
    tries += 1;
    return Promise.reject(refuse('JEN_UNREACHABLE', { controller: name, reason: 'ECONNREFUSED' }));
  };
  const world = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      probe: () => gate(controller.name, () => controller.probe()),
      observe: () => gate(controller.name, () => controller.observe()),
      fingerprint: () => gate(controller.name, () => controller.fingerprint()),
      apply: (batch) => gate(controller.name, () => controller.apply(batch)),
      cut: (fence, orders) => gate(controller.name, () => controller.cut(fence, orders)),
    }),
  });
  for (const name of ['ana', 'bo', 'cleo', 'dan', 'eve']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'cleo']);
  await world.group('ci-web-dev', ['bo']);
  await eventually(() => world.holders('pay-developer').length === 2 && world.holders('web-developer').length === 1);
  return {
    world,
    /** What somebody does while the service reaches nothing, and has noticed that. */
    async while(edit: () => void, push: () => Promise<void>): Promise<void> {
      away = true;
      const before = tries;
      await push();
      await eventually(() => tries > before, 'a try that failed');
      edit();
      away = false;
      await later(world, 6_000);
    },
  };
}

test('what was edited while the controller was away is repaired when it is back, though a push is answered first', async (t) => {
  const { world, ...controller } = await teams(t);
  await controller.while(
    () => world.practice.hands.deleteRole({ type: 'item', name: 'pay-developer' }),
    () => world.add('ci-web-dev', 'dan'),
  );
  await eventually(() => world.holders('web-developer').includes('dan'));
  await eventually(() => world.practice.look.holders('pay-developer').includes('ana'), 'the role is there again');
});

test('a leaver whom a restored controller brings back is found when it is back, though a push is answered first', async (t) => {
  const { world, ...controller } = await teams(t);
  await world.change('cleo', { active: false });
  await eventually(async () => (await debtRows(world))[0]?.state === 'done');
  await later(world, 3 * 60_000);
  await later(world, 3 * 60_000);
  await controller.while(
    () => world.practice.hands.grant('pay-developer', 'cleo'),
    () => world.add('ci-web-dev', 'dan'),
  );
  await eventually(() => world.holders('web-developer').includes('dan'));
  await eventually(() => !world.holders('pay-developer').includes('cleo'), 'the leaver is out again');
});

test('an edit between a leaver and a push into the role they left is repaired, though the push reads anew', async (t) => {
  const { world } = await teams(t);
  await world.change('cleo', { active: false });
  await eventually(async () => (await debtRows(world))[0]?.state === 'done');
  world.practice.hands.revoke('web-developer', 'bo');
  await world.add('ci-pay-dev', 'eve');
  await eventually(() => world.holders('pay-developer').includes('eve'));
  await eventually(() => world.holders('web-developer').includes('bo'), 'what was taken by hand is back');
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['ana', 'eve']);
});
