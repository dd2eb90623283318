import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { orderAll } from '../../src/cli/product/orders.ts';
import type { Parts } from '../../src/cli/product/parts.ts';
import { ScimError } from '../../src/errors.ts';
import type { Order } from '../../src/sync/orders/commands.ts';
import { heldRows } from '../sync/rows.ts';
import { type SyncWorld, syncWorld } from '../sync/world.ts';

const MORE = 'guard: { gains: { administrators: { count: 0 } } }';

test('an order that one controller refuses stops none of the others, and what they did is told', async (t) => {
  const { world, release } = await held(t);
  const told = await orderAll(
    partsOf(world),
    ['a', 'b'],
    () => release,
    () => {},
  );
  assert.deepEqual(
    told.map(({ controller, verified }) => [controller, verified]),
    [
      ['a', 0],
      ['b', 1],
    ],
  );
  assert.match(told[0]?.error ?? '', /^PLAN_UNKNOWN: /);
  assert.equal(told[1]?.error, undefined);
  assert.deepEqual(world.practices.get('b')!.look.holders('administrator'), ['ana']);
});

test('what a single controller refuses is the answer itself', async (t) => {
  const { world, release } = await held(t);
  await assert.rejects(
    orderAll(
      partsOf(world),
      ['a'],
      () => release,
      () => {},
    ),
    (error) => error instanceof ScimError && error.code === 'PLAN_UNKNOWN',
  );
});

/** Ana is to administer both controllers, which waits; what waits on `a` has another digest by now. */
async function held(t: TestContext): Promise<{ readonly world: SyncWorld; readonly release: Order }> {
  const world = await syncWorld(t, { controllers: ['a', 'b'], more: MORE, start: false });
  await world.person('ana');
  await world.group('jenkins-admins', ['ana']);
  for (const name of ['a', 'b']) await world.order({ kind: 'sync' }, name);
  const digests = new Set((await heldRows(world)).map(({ digest }) => digest));
  assert.equal(digests.size, 1, 'both are named by one digest');
  await world.person('bo');
  await world.add('jenkins-admins', 'bo');
  await world.order({ kind: 'sync' }, 'a');
  return { world, release: { kind: 'apply', allowLoss: [...digests][0]! } };
}

function partsOf({ store, ledger, context, config }: SyncWorld): Parts {
  const headOutside = { look: async () => {} };
  return { store, ledger, context, config, headOutside, operator: 'operator:ops' } as unknown as Parts;
}
