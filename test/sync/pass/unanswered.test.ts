import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../../src/errors.ts';
import { takeLease } from '../../../src/sync/lease/lease.ts';
import { distribute } from '../../../src/sync/pace/distribute.ts';
import { pass } from '../../../src/sync/pass/pass.ts';
import { passThrough } from '../passThrough.ts';
import { syncWorld } from '../world.ts';

test('what a pass began and was not answered is settled by reading before the next one sends anything: nothing is told twice', async (t) => {
  for (const heard of [false, true]) {
    let failing = true;
    const world = await syncWorld(t, {
      start: false,
      wrap: (controller) => ({
        ...passThrough(controller),
        async apply(batch) {
          if (!failing) return controller.apply(batch);
          failing = false;
          if (heard) await controller.apply(batch);
          throw refuse('JEN_UNREACHABLE', { controller: controller.name, reason: 'the connection ended' });
        },
      }),
    });
    const { context, store, ledger } = world;
    await world.person('ana');
    await world.group('ci-pay-dev', ['ana']);
    await store.write((tx) => distribute(tx, context.facts, ['ci']));
    const lease = (await takeLease(store, context.clock, context.holder, 'ci'))!;
    const [config] = world.config.controllers;
    // The second goes by what is remembered, as a worker does after an order that failed.
    const remembered = {};
    const next = (memory: object) =>
      pass(context, config!, context.controller('ci'), lease, memory, 'all', { by: 'automatic' as const });
    await assert.rejects(next(remembered), { code: 'JEN_UNREACHABLE' });
    await next(remembered);
    assert.deepEqual(world.holders('pay-developer'), ['ana']);
    await next({});
    await ledger.seal();
    const added = (await ledger.records(1, 100)).filter(({ kind }) => kind === 'grant.added');
    assert.equal(added.length, 1, heard ? 'it had its effect' : 'it had none');
  }
});

test('what an operator’s order began and a crash left is settled as theirs, and of nobody whom a row alone names', async (t) => {
  for (const forged of [false, true]) {
    let crash = true;
    const world = await syncWorld(t, {
      mode: 'observe',
      start: false,
      wrap: (controller) => ({
        ...passThrough(controller),
        async apply(batch) {
          const outcome = await controller.apply(batch);
          if (crash) throw new Error('the process dies here');
          return outcome;
        },
      }),
    });
    await world.person('ana');
    await world.group('ci-pay-dev', ['ana']);
    await assert.rejects(world.order({ kind: 'apply', by: 'operator:kim@host' }), /dies here/);
    crash = false;
    const steps = (text: string): string => text.replace('pay-developer', 'pay-developers');
    if (forged)
      await world.store.write(async ({ db }) => {
        const [row] = await db.selectFrom('intents').selectAll().execute();
        await db
          .updateTable('intents')
          .set({ steps: steps(row!.steps) })
          .execute();
      });
    await world.order({ kind: 'sync', by: 'operator:li@host' });
    await world.ledger.seal();
    const settled = (await world.ledger.records(1, 100)).filter(({ body }) => 'detail' in body);
    assert.ok(settled.length > 1);
    assert.deepEqual([...new Set(settled.map(({ actor }) => actor))], [forged ? 'sync' : 'operator:kim@host']);
    const [row] = await world.store.read((db) => db.selectFrom('intents').select('ordered').execute());
    assert.equal(row!.ordered, null);
  }
});
