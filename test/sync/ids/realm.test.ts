import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { IdStrategy } from '../../../src/access/principal.ts';
import { refuse } from '../../../src/errors.ts';
import { ghostsOf } from '../../../src/sync/ids/ghosts.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows, recordsOf } from '../rows.ts';
import { eventually, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

/** A controller whose realm can be replaced by one that compares ids otherwise; it cuts nobody while it is down. */
async function replaced(t: TestContext, ids: IdStrategy) {
  const realm = { ids, down: false };
  const world = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      probe: async () => ({ ...(await controller.probe()), userIds: realm.ids }),
      cut: async (fence, orders) => {
        if (realm.down) throw refuse('JEN_TIMEOUT', { controller: 'ci', seconds: 5 });
        return controller.cut(fence, orders);
      },
    }),
  });
  await world.person('Ana');
  await world.group('ci-pay-dev', ['Ana']);
  world.practice.hands.mintToken('Ana');
  await eventually(() => world.holders('pay-developer').includes('Ana'), 'she holds it');
  await eventually(async () => {
    const row = await world.store.read((db) => db.selectFrom('controllers').select('capabilities').executeTakeFirst());
    return row?.capabilities != null;
  }, 'the first full look is over');
  return { world, realm };
}

test('who works under another realm, that compares ids otherwise, gave no id up', async (t) => {
  const { world, realm } = await replaced(t, 'case-insensitive');
  realm.ids = 'case-sensitive';
  await world.order(sync);
  assert.equal(world.practice.look.person('Ana').tokens, 1);
  assert.deepEqual(world.holders('pay-developer'), ['Ana']);
  assert.deepEqual(await debtRows(world), []);
});

test('what somebody owes is paid once under another realm that compares ids otherwise', async (t) => {
  const { world, realm } = await replaced(t, 'case-sensitive');
  realm.down = true;
  await world.change('Ana', { active: false });
  await world.order(sync);
  Object.assign(realm, { down: false, ids: 'case-insensitive' });
  await world.order(sync);
  await eventually(() => world.practice.look.person('Ana').tokens === 0, 'she is cut off');
  await eventually(async () => (await debtRows(world)).every(({ state }) => state === 'done'), 'her debt is paid');
  assert.deepEqual(
    (await debtRows(world)).map(({ state }) => state),
    ['done'],
  );
  assert.equal((await recordsOf(world, 'Ana')).filter((kind) => kind.startsWith('leaver.')).length, 1);
});

test('who left stays to be cut where another id of theirs, which is paid, is the same under another realm', async (t) => {
  const { world, realm } = await replaced(t, 'case-sensitive');
  await world.change('Ana', { userName: 'ana' });
  await eventually(async () => (await debtRows(world))[0]?.state === 'done', 'the former id is cut off');
  await world.change('Ana', { userName: 'Ana' });
  const paid = async () => (await debtRows(world)).filter(({ state }) => state === 'done').map(({ id }) => id);
  await eventually(async () => (await paid()).length === 2, 'so is the one in between');
  realm.down = true;
  await world.change('Ana', { active: false });
  await eventually(async () => (await paid()).join() === 'ana', 'what she had is owed');
  Object.assign(realm, { down: false, ids: 'case-insensitive' });
  await world.order(sync);
  await eventually(async () => (await debtRows(world)).every(({ state }) => state === 'done'), 'it is paid');
  assert.deepEqual(
    (await debtRows(world)).map(({ cause }) => cause),
    ['leaver'],
  );
  assert.ok((await recordsOf(world, 'Ana')).includes('leaver.complete'));
});

test('a plan and ghosts of right after such a change show nobody who gave nothing up', async (t) => {
  const { world, realm } = await replaced(t, 'case-insensitive');
  realm.ids = 'case-sensitive';
  const { plan } = await world.assess();
  assert.deepEqual(
    plan.steps.map(({ kind }) => kind),
    [],
  );
  const [config] = world.config.controllers;
  assert.deepEqual(await ghostsOf(world.context, config!, world.context.controller('ci')), []);
});

test('a plan of right after such a change shows what somebody owes, once', async (t) => {
  const { world, realm } = await replaced(t, 'case-sensitive');
  realm.down = true;
  await world.change('Ana', { active: false });
  await world.order(sync);
  realm.ids = 'case-insensitive';
  const cuts = (await world.assess()).plan.steps.filter(({ kind }) => kind === 'revoke-tokens');
  assert.equal(cuts.length, 1);
});
