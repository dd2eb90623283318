import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { explain } from '../../src/sync/explain.ts';
import { namesakesOf } from '../../src/sync/namesakes.ts';
import { POLICY, type SyncWorld, syncWorld } from './world.ts';

const sync = { kind: 'sync' } as const;
const rule = (id: string): string => `${POLICY}  - { id: ${id}, user: ana, grant: browser, until: 2099-03-31 }\n`;

test('a namesake of somebody who was deleted does not get what a rule gave that one, until the rule has another id', async (t) => {
  const { world, first } = await departed(t);
  const second = await world.person('ana');
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), [], 'the debt is paid, and the id is free');
  const { evaluation, identities } = await world.assess();
  assert.equal((identities.people.get(second) as { id?: string }).id, 'ana');
  const told = evaluation.findings.filter(({ code }) => code === 'policy.namesake');
  assert.equal(told.length, 1);
  assert.match(told[0]!.finding, new RegExp(`${second}.*${first}`));
  const { whyNot } = await explain(world.context, world.config.controllers[0]!, second, {});
  assert.match(whyNot.find(({ rule: id }) => id === 'interim')!.missing, /the rule was first about/);
  const found = await world.store.read(namesakesOf);
  assert.deepEqual(found, [{ rule: 'interim', connection: 'okta', userName: 'ana', person: second, first }]);

  world.setPolicy(`${rule('interim')}# another edit\n`);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), [], 'an edit of something else is no word about her');
  world.setPolicy(rule('interim-2'));
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
  assert.deepEqual(await world.store.read(namesakesOf), []);
  world.setPolicy(rule('interim'));
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana'], 'a rule that was taken out is forgotten');
});

test('who gets a name by a rename is no other person to the rule than who is created with it', async (t) => {
  const world = await syncWorld(t, { start: false, policy: rule('interim') });
  await world.person('ana');
  await world.person('bo');
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
  await world.change('ana', { userName: 'anna' });
  await world.change('bo', { userName: 'ana' });
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), [], 'neither the old name of the one nor the new one of the other');
  await world.change('bo', { userName: 'bo' });
  await world.change('ana', { userName: 'ana' });
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana'], 'the first one has it again');
});

test('an edit of the policy forgets names of groups as before, and nobody whom a rule is about', async (t) => {
  const world = await syncWorld(t, { start: false, policy: rule('interim') });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order(sync);
  const slots = async () =>
    (await world.store.read((db) => db.selectFrom('bindings').select(['name_key', 'group_id']).execute())).map(
      ({ group_id }) => group_id,
    );
  assert.deepEqual((await slots()).sort(), [world.idOf('ana'), world.groupOf('ci-users')].sort());
  await world.deleteGroup('ci-users');
  world.setPolicy(`${rule('interim')}# another edit\n`);
  await world.order(sync);
  assert.deepEqual(await slots(), [world.idOf('ana')]);
});

async function departed(t: TestContext): Promise<{ world: SyncWorld; first: string }> {
  const world = await syncWorld(t, { start: false, policy: rule('interim') });
  await world.person('bo');
  const first = await world.person('ana');
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
  await world.remove('ana');
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
  return { world, first };
}
