import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anotherHolder, eventually, POLICY, syncWorld } from '../world.ts';

const BROKEN = 'version: 1\nroles: [';

test('a policy that is broken at the very first start blames no controller, and is taken at once when it is mended', async (t) => {
  const world = await syncWorld(t, { start: false });
  world.setPolicy(BROKEN, true);
  world.start();
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  const told = (message: string) => world.lines.filter((line) => line.message === message).length;
  await eventually(() => told('a look around failed') > 0);
  for (let tick = 0; tick < 8; tick += 1) {
    world.time.forward(5_000);
    await world.person(`somebody-${tick}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  assert.equal(told('a controller could not be worked on'), 0);
  assert.ok(told('a look around failed') <= 2, 'it is said once a minute');
  world.setPolicy(POLICY);
  const mended = Date.now();
  await eventually(() => world.holders('pay-developer').includes('ana'));
  assert.ok(Date.now() - mended < 5_000, 'a minute is not waited for');
});

test('without any good policy the file is not read for every push', async (t) => {
  const world = await syncWorld(t, { start: false });
  world.setPolicy(BROKEN, true);
  const first = await world.context.policy.current().catch((error: unknown) => error);
  const second = await world.context.policy.current().catch((error: unknown) => error);
  assert.equal((first as { code: string }).code, 'POL_INVALID');
  assert.match((first as { remedy: string }).remedy, /`jenkins-scim policy lint \S+`/);
  assert.equal(second, first);
  world.setPolicy(POLICY);
  assert.match((await world.context.policy.current()).digest, /^[0-9a-f]{64}$/);
});

test('where the file is broken every replica works by what one of them activated last, also who has not seen that', async (t) => {
  const world = await syncWorld(t, { start: false });
  const { store } = world.context;
  const other = anotherHolder(world);
  const digest = async (holder: typeof other) => {
    world.time.forward(2_000);
    return (await holder.current()).digest;
  };
  const first = await digest(world.context.policy);
  assert.equal(await digest(other), first);
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', '[Job/Read, Job/Cancel]'));
  const second = await digest(world.context.policy);
  assert.notEqual(second, first);
  world.setPolicy(BROKEN, true);
  assert.deepEqual([await digest(world.context.policy), await digest(other)], [second, second]);
  await store.write(({ db }) => db.updateTable('policies').set({ files: '[]' }).where('digest', '=', second).execute());
  assert.deepEqual([await digest(world.context.policy), await digest(other)], [second, second], 'nobody works by less');
});
