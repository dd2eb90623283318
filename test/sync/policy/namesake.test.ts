import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { canonical } from '../../../src/access/canonical.ts';
import { explain } from '../../../src/sync/explain.ts';
import { namesakesOf } from '../../../src/sync/policy/namesakes.ts';
import { forge } from '../forged.ts';
import { POLICY, type SyncWorld, syncWorld } from '../world.ts';

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

/** What the ledger tells of namesakes, oldest first. */
async function told(world: SyncWorld) {
  await world.ledger.seal();
  const all = await world.ledger.records(1, 1_000);
  return all.filter(({ kind }) => kind === 'policy.namesakes').map(({ body, actor }) => ({ ...body, actor }));
}

test('the ledger tells once that a namesake appeared, and once that it is over, without names', async (t) => {
  const { world, first } = await departed(t);
  await world.order(sync);
  assert.deepEqual(await told(world), [], 'nobody is a namesake of anybody');
  const second = await world.person('ana');
  const one = { rule: 'interim', connection: 'okta', person: second, first };
  await world.order({ kind: 'sync', person: second });
  const appeared = { actor: 'sync', began: [one], ended: [], now: [one] };
  assert.deepEqual(await told(world), [appeared], 'a pass over that person alone tells it');
  await world.order(sync);
  world.setPolicy(`${rule('interim')}# another edit\n`);
  await world.order(sync);
  assert.deepEqual(await told(world), [appeared]);
  world.setPolicy(rule('interim-2'));
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(await told(world), [appeared, { actor: 'sync', began: [], ended: [one], now: [] }]);
  assert.doesNotMatch(JSON.stringify(await told(world)), /ana/);
});

test('a namesake of a namesake is another one; the first one who is back ends it; controllers tell it together once', async (t) => {
  const world = await syncWorld(t, { start: false, policy: rule('interim'), controllers: ['ci', 'prod'] });
  const everywhere = async (): Promise<void> => {
    for (const name of ['ci', 'prod']) await world.order(sync, name);
  };
  const first = await world.person('ana');
  for (const name of ['bo', 'cy']) await world.person(name);
  await everywhere();
  await world.change('ana', { userName: 'anna' });
  await world.change('bo', { userName: 'ana' });
  await everywhere();
  await world.change('bo', { userName: 'bo' });
  await world.change('cy', { userName: 'ana' });
  await everywhere();
  await world.change('cy', { userName: 'cy' });
  await world.change('ana', { userName: 'ana' });
  await everywhere();
  const of = (name: string) => ({ rule: 'interim', connection: 'okta', person: world.idOf(name), first });
  assert.deepEqual(await told(world), [
    { actor: 'sync', began: [of('bo')], ended: [], now: [of('bo')] },
    { actor: 'sync', began: [of('cy')], ended: [of('bo')], now: [of('cy')] },
    { actor: 'sync', began: [], ended: [of('cy')], now: [] },
  ]);
});

test('what somebody wrote into the ledger of namesakes hides none, and ends no pass', async (t) => {
  const { world, first } = await departed(t);
  const second = await world.person('ana');
  const one = { rule: 'interim', connection: 'okta', person: second, first };
  const told = canonical({ began: [one], ended: [], now: [one] });
  for (const body of [told, 'null', '{', '{}'])
    await forge(world, { kind: 'policy.namesakes', subject_kind: 'policy', subject_id: 'namesakes', body });
  for (let n = 0; n < 2; n++) await world.order(sync);
  const ours = await world.store.read((db) =>
    db.selectFrom('ledger').select('body').where('kind', '=', 'policy.namesakes').orderBy('id').execute(),
  );
  assert.deepEqual(
    ours.map(({ body }) => body),
    [told, 'null', '{', '{}', told],
  );
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
