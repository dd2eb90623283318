import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { systemRandom } from '../../../src/cli/edge.ts';
import { holderName, LEASE_MS, type Lease, takeLease } from '../../../src/sync/lease/lease.ts';
import { execute } from '../../../src/sync/orders/orders.ts';
import { passThrough } from '../passThrough.ts';
import { type SyncWorld, syncWorld } from '../world.ts';

/** A holder freezes (SIGSTOP, a paused machine) at one call of the controller: what happens to everybody else meanwhile is run then. */
type Frozen = { before?: () => Promise<void>; after?: () => Promise<void> };

const frozenAt = (call: 'apply' | 'cut', frozen: Frozen) => (controller: Controller) => {
  const around = async <T>(run: () => Promise<T>): Promise<T> => {
    const { before, after } = frozen;
    delete frozen.before;
    delete frozen.after;
    await before?.();
    const answer = await run();
    await after?.();
    return answer;
  };
  const plain = passThrough(controller);
  return call === 'cut'
    ? { ...plain, cut: (...given: Parameters<Controller['cut']>) => around(() => controller.cut(...given)) }
    : { ...plain, apply: (...given: Parameters<Controller['apply']>) => around(() => controller.apply(...given)) };
};

test('who was overtaken in the middle of a cut pays no debt that began since', async (t) => {
  const frozen: Frozen = {};
  const world = await syncWorld(t, { start: false, wrap: frozenAt('cut', frozen) });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  const first = await lease(world, 'first');
  await obey(world, first);
  await world.change('ana', { active: false });
  frozen.after = async () => {
    world.time.forward(LEASE_MS + 1);
    const second = await lease(world, 'second');
    await obey(world, second);
    await world.change('ana', { active: true });
    await obey(world, second);
    world.practice.hands.mintToken('ana');
    await world.change('ana', { active: false });
    // The debt is stored, and the controller goes away before anything is cut.
    frozen.before = async () => {
      throw new Error('the controller is away');
    };
    await assert.rejects(obey(world, second), /away/);
    assert.deepEqual(await debts(world), ['open']);
  };
  const overtaken = await obey(world, first);
  assert.deepEqual(await debts(world), ['open']);
  assert.match(overtaken.error ?? '', /SYNC_LEASE/);
  world.time.forward(LEASE_MS + 1);
  await obey(world, await lease(world, 'third'));
  assert.equal(world.practice.look.person('ana').tokens, 0);
  assert.deepEqual(await debts(world), ['done']);
});

test('what was settled by a successor is not told a second time by who was overtaken', async (t) => {
  const frozen: Frozen = {};
  const world = await syncWorld(t, { start: false, wrap: frozenAt('apply', frozen) });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  const first = await lease(world, 'first');
  frozen.after = async () => {
    world.time.forward(LEASE_MS + 1);
    await obey(world, await lease(world, 'second'));
  };
  await obey(world, first);
  const told = await world.store.read((db) =>
    db.selectFrom('ledger').select('kind').where('kind', '=', 'grant.added').execute(),
  );
  assert.equal(told.length, 1);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('a successor that has nothing to send is told all the same: what the one before still sends is refused', async (t) => {
  const frozen: Frozen = {};
  const world = await syncWorld(t, { start: false, wrap: frozenAt('apply', frozen) });
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['bo']);
  const first = await lease(world, 'first');
  await obey(world, first);
  await world.add('ci-pay-dev', 'ana');
  frozen.before = async () => {
    world.time.forward(LEASE_MS + 1);
    await world.drop('ci-pay-dev', 'ana');
    await obey(world, await lease(world, 'second'));
  };
  await obey(world, first);
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
});

async function lease(world: SyncWorld, name: string): Promise<Lease> {
  const holder = { name: holderName(name, 1, systemRandom), alive: () => true };
  const taken = await takeLease(world.store, world.context.clock, holder, 'ci');
  if (taken === undefined) throw new Error('somebody holds the lease');
  return taken;
}

async function obey(world: SyncWorld, held: Lease): Promise<{ readonly error?: string }> {
  const { context, config } = world;
  const site = {
    context,
    config: config.controllers[0]!,
    controller: context.controller('ci'),
    lease: held,
    memory: {},
  };
  return (await execute(site, { kind: 'sync' })).value as { readonly error?: string };
}

async function debts(world: SyncWorld): Promise<string[]> {
  const rows = await world.store.read((db) => db.selectFrom('debts').select('state').execute());
  return rows.map(({ state }) => state);
}
