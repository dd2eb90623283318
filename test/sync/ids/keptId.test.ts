import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../../src/sync/explain.ts';
import { debtRows, digestOf, waiting } from '../rows.ts';
import { POLICY, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

const UNLESS = `${POLICY}    unless: { group: contractors }\n`;

for (const [gone, waits] of [
  ['ci-pay-dev', ['revoke ana.new: bound-group', 'revoke bo: bound-group']],
  ['contractors', []],
] as const)
  test(`what is kept for want of ${gone} goes along with a rename: the new id has it first, the old one is cut`, async (t) => {
    const world = await syncWorld(t, { start: false, policy: UNLESS });
    for (const name of ['ana', 'bo']) await world.person(name);
    await world.group('contractors');
    await world.group('ci-pay-dev', ['ana', 'bo']);
    await world.order(sync);
    await world.deleteGroup(gone);
    await world.order(sync);
    world.practice.hands.mintToken('ana');
    await world.change('ana', { userName: 'ana.new' });
    await world.order({ ...sync, person: world.idOf('ana') });
    assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana.new', 'bo']);
    assert.equal(world.practice.look.person('ana').tokens, 0);
    assert.deepEqual(
      (await debtRows(world)).map(({ id, cause, state }) => [id, cause, state]),
      [['ana', 'old-id', 'done']],
    );
    await world.order(sync);
    assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana.new', 'bo']);
    assert.deepEqual(await waiting(world), waits);
    const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {});
    assert.deepEqual(
      grants.map(({ role, effective }) => [role, effective]),
      [['pay-developer', true]],
    );
    // What others take away while nothing gives it is not given back by another rename.
    world.practice.hands.revoke('pay-developer', 'ana.new');
    await world.order(sync);
    await world.change('ana', { userName: 'ana' });
    await world.order(sync);
    assert.deepEqual(world.holders('pay-developer'), ['bo']);
    if (waits.length === 0) return;
    await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'bound-group') });
    assert.deepEqual(world.holders('pay-developer'), []);
  });

test('what is kept for want of a group and waits for a release under a new name goes on waiting: the old id keeps it meanwhile', async (t) => {
  const policy = POLICY.replace('rules:\n', 'rules:\n  - { id: root, group: root, grant: administrator }\n');
  const world = await syncWorld(t, { start: false, policy });
  await world.person('ana');
  await world.group('root', ['ana']);
  await world.order(sync);
  await world.deleteGroup('root');
  await world.order(sync);
  await world.change('ana', { userName: 'ana.new' });
  // No record makes an administrator of what is only kept.
  for (let pass = 0; pass < 3; pass++) {
    await world.order(sync);
    assert.ok(world.holders('administrator').includes('ana'), `after pass ${pass + 1}`);
    assert.ok((await waiting(world)).includes('grant ana.new: unproven'), `after pass ${pass + 1}`);
  }
});
