import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { BatchOutcome, Controller } from '../../../src/access/ports/controller.ts';
import { adopt } from '../../../src/sync/orders/adoption.ts';
import { mark, stolen } from '../compromised.ts';
import { passThrough } from '../passThrough.ts';
import { digestOf, waiting } from '../rows.ts';
import { type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

const sync = { kind: 'sync' } as const;

/** A controller that may be cut off before or after a change. */
function fragile(): { cut: 'before' | 'after' | undefined; readonly wrap: NonNullable<WorldOptions['wrap']> } {
  const state = {
    cut: undefined as 'before' | 'after' | undefined,
    wrap: (controller: Controller): Controller => ({
      ...passThrough(controller),
      async apply(batch): Promise<BatchOutcome> {
        if (state.cut === 'before') throw new Error('the process dies here');
        const outcome = await controller.apply(batch);
        if (state.cut === 'after') throw new Error('the process dies here');
        return outcome;
      },
    }),
  };
  return state;
}

/** Ana had a role; somebody took it away after the credential was stolen, and its repair was cut off. */
async function repairCutOff(t: TestContext, cut: 'before' | 'after'): Promise<{ world: SyncWorld; since: number }> {
  const line = fragile();
  const world = await syncWorld(t, { start: false, wrap: line.wrap });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  const since = stolen(world);
  await world.change('ana', { title: 'x' });
  world.practice.hands.revoke('pay-developer', 'ana');
  line.cut = cut;
  await assert.rejects(world.order(sync), /dies here/);
  line.cut = undefined;
  return { world, since };
}

for (const cut of ['before', 'after'] as const)
  test(`what somebody had before stays where its repair was cut off ${cut} the change`, async (t) => {
    const { world, since } = await repairCutOff(t, cut);
    await world.order(sync);
    assert.deepEqual(world.holders('pay-developer'), ['ana']);
    await mark(world, since);
    await world.order(sync);
    assert.deepEqual(world.holders('pay-developer'), ['ana']);
  });

test('a repair that was cut off before the credential was marked is no gain after it', async (t) => {
  const { world, since } = await repairCutOff(t, 'before');
  await mark(world, since);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  assert.deepEqual(await waiting(world), []);
});

test('a grant whose outcome was found out by reading counts from when it was sent', async (t) => {
  const line = fragile();
  const world = await syncWorld(t, { start: false, wrap: line.wrap });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  line.cut = 'after';
  await assert.rejects(world.order(sync), /dies here/);
  line.cut = undefined;
  const since = stolen(world);
  await world.change('ana', { title: 'x' });
  await world.order(sync);
  await mark(world, since);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('what hands gave is not what the credential gave, in roles of ours and taken over', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('eva');
  await world.group('ci-pay-dev', ['eva']);
  await world.order(sync);
  const since = stolen(world);
  await world.person('ana');
  world.practice.hands.grant('pay-developer', 'ana');
  await world.add('ci-pay-dev', 'ana');
  await world.order(sync);
  await adopt(world.context, await world.assess(), undefined);
  await mark(world, since);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['ana', 'eva']);
  assert.deepEqual(await waiting(world), []);
});

test('what an operator let through stays: at once after the mark, and when it is marked again', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  const since = world.context.clock.now() - 3_600_000;
  await mark(world, since);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
  await world.order(sync);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'compromised') });
  for (let n = 0; n < 2; n++) {
    await world.order(sync);
    assert.deepEqual(world.holders('pay-developer'), ['ana']);
    world.time.forward(600_000);
    await mark(world, since - 60_000);
  }
});
