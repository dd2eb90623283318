import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, heldRows, waiting } from '../rows.ts';
import { eventually, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('with only the reserve of the disk left leavers and losses go on, and are recorded; grants wait until there is room', async (t) => {
  let room = true;
  const world = await syncWorld(t, { start: false, hasRoom: () => room });
  for (const name of ['ana', 'bo', 'cy']) await world.person(name);
  await world.group('ci-users', ['ana', 'cy']);
  assert.equal((await world.order(sync)).error, undefined);
  assert.deepEqual([...world.holders('browser')].sort(), ['ana', 'cy']);

  room = false;
  await world.group('ci-pay-dev', ['bo']);
  await world.add('ci-users', 'bo');
  await world.change('ana', { active: false });
  await world.drop('ci-users', 'cy');
  assert.equal((await world.order(sync)).error, undefined);
  assert.deepEqual(world.holders('browser'), []);
  assert.deepEqual(world.holders('pay-developer'), []);
  assert.deepEqual((await waiting(world)).sort(), ['create-role : disk', 'grant bo: disk', 'grant bo: disk']);
  const done = await world.store.read((db) =>
    db.selectFrom('ledger').select('subject_id').where('kind', '=', 'leaver.complete').execute(),
  );
  assert.deepEqual(
    done.map(({ subject_id }) => subject_id),
    [world.idOf('ana')],
  );

  // What waited is given by the running service when there is room, without anybody's word.
  world.start();
  room = true;
  await eventually(() => world.holders('browser').includes('bo'), 'the grant', 20_000);
  await eventually(() => world.holders('pay-developer').includes('bo'), 'the role', 20_000);
  await eventually(async () => (await waiting(world)).length === 0);
});

test('what was released waits for room like everything else, and for nobody to release it again', async (t) => {
  let room = true;
  const world = await syncWorld(t, {
    start: false,
    hasRoom: () => room,
    more: 'guard: { gains: { administrators: { count: 1 } } }',
  });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('jenkins-admins', ['ana', 'bo']);
  await world.order(sync);
  const ceiling = 'gains.administrators';
  assert.deepEqual(await waiting(world), [`grant ana: ${ceiling}`, `grant bo: ${ceiling}`]);

  room = false;
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, ceiling) });
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);

  room = true;
  await world.order(sync);
  assert.deepEqual([...world.holders('administrator')].sort(), ['ana', 'bo']);
  assert.deepEqual(await heldRows(world), []);
});
