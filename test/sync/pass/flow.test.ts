import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { passThrough } from '../passThrough.ts';
import { anotherHolder, eventually, POLICY, syncWorld } from '../world.ts';

test('a push becomes a role on the controller, verified and explained in the ledger', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await eventually(async () =>
    (await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 50)).some(({ kind }) => kind === 'grant.added'),
  );
  assert.equal(world.practice.look.may('ana', 'hudson.model.Item.Build', 'pay/api'), true);
});

test('out of the group: the grant falls, at once', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.group('ci-web-dev', ['ana']);
  await eventually(
    () => world.holders('pay-developer').includes('ana') && world.holders('web-developer').includes('ana'),
  );
  await world.drop('ci-pay-dev', 'ana');
  await eventually(() => !world.holders('pay-developer').includes('ana'));
  assert.deepEqual(world.holders('web-developer'), ['ana']);
});

test('a leaver loses roles, tokens, keys and sessions, with a certificate', async (t) => {
  const world = await syncWorld(t);
  await world.person('bo');
  await world.group('ci-pay-dev', ['bo']);
  await eventually(() => world.holders('pay-developer').includes('bo'));
  const { hands, look } = world.practice;
  hands.mintToken('bo');
  hands.addSshKey('bo');
  hands.openSshSession('bo');
  await world.change('bo', { active: false });
  await eventually(() => !world.holders('pay-developer').includes('bo'));
  await eventually(async () => (await debt(world))?.state === 'done');
  const left = look.person('bo');
  assert.deepEqual(
    { ...left, password: undefined },
    { entries: 0, tokens: 0, sshKeys: 0, sshSessions: 0, signedIn: false, password: undefined },
  );
  assert.deepEqual(JSON.parse((await debt(world))!.missing), []);
});

async function debt(world: Awaited<ReturnType<typeof syncWorld>>) {
  return world.store.read((db) => db.selectFrom('debts').selectAll().executeTakeFirst());
}

test('a burst of changes is gathered: one batch, one save for many', async (t) => {
  const world = await syncWorld(t);
  const names = Array.from({ length: 60 }, (_, index) => `dev${index}`);
  for (const name of names) await world.person(name);
  await world.person('first');
  await world.group('ci-pay-dev', ['first']);
  await eventually(() => world.holders('pay-developer').length === 1);
  const { saves } = world.practice.look;
  for (const name of names) await world.add('ci-pay-dev', name);
  await eventually(() => world.holders('pay-developer').length === names.length + 1);
  assert.ok(world.practice.look.saves - saves <= 8, String(world.practice.look.saves - saves));
});

test('a nested group that comes or goes is expanded by the reconciler, not by the push', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('squad', ['ana']);
  await world.group('ci-pay-dev', ['squad']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.directory.changeGroup(
    { connection: 'okta', credential: 'c', request: 'r' },
    world.groupOf('ci-pay-dev'),
    [{ op: 'remove-members', values: [world.groupOf('squad')] }],
  );
  await eventually(() => !world.holders('pay-developer').includes('ana'));
});

test('a rule without from: reads only the primary connection', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.person('ella', {}, 'entra');
  await world.group('ci-pay-dev', ['ana']);
  await world.group('ci-pay-dev', ['ella'], 'entra');
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await eventually(
    async () => (await world.store.read((db) => db.selectFrom('pending').select('id').execute())).length === 0,
  );
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('a broken document keeps the last good policy, also after a restart', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  world.setPolicy('version: 1\nroles: [', true);
  await world.add('ci-pay-dev', 'bo');
  assert.equal((await world.order({ kind: 'sync' })).error, undefined);
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo']);
  const again = anotherHolder(world);
  assert.equal((await again.current()).digest, (await world.context.policy.current()).digest);
});

test('a policy that an older version took as it was, though no UTF-8, stays in force as it was then', async (t) => {
  const world = await syncWorld(t, { start: false });
  const text = POLICY.replace('version: 1', 'version: 1 # f\ufffdr alle');
  world.setPolicy(text, true);
  const files = JSON.stringify([{ path: 'policy.yaml', text }]);
  const row = { digest: 'd'.repeat(64), files, activated_at: '2026-11-24T08:00:00.000Z', seq: 1 };
  await world.store.write(({ db }) => db.insertInto('policies').values(row).execute());
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  assert.equal((await world.order({ kind: 'sync' })).error, undefined);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('a policy that cannot be read any more stays in force as it was', {
  skip: process.platform === 'win32',
}, async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev');
  await world.order({ kind: 'sync' });
  rmSync(world.config.policy);
  symlinkSync(world.config.policy, world.config.policy);
  world.time.forward(1_001);
  await world.add('ci-pay-dev', 'ana');
  await world.order({ kind: 'sync' });
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  const told = world.lines.filter(({ message }) => message.startsWith('the policy is broken'));
  assert.deepEqual(
    told.map(({ fields }) => fields.code),
    ['POL_UNREADABLE'],
  );
});

test('leavers enter between the chunks of a long plan', async (t) => {
  const RUN = 40;
  const sent: string[] = [];
  let left: (() => Promise<void>) | undefined;
  const world = await syncWorld(t, {
    largestRun: RUN,
    wrap: (controller) => ({
      ...passThrough(controller),
      async apply(batch) {
        sent.push(`${batch.changes.length}`);
        const outcome = await controller.apply(batch);
        const run = left;
        left = undefined;
        await run?.();
        return outcome;
      },
      cut(fence, orders) {
        sent.push(`cut ${orders.map(({ id }) => id).join()}`);
        return controller.cut(fence, orders);
      },
    }),
  });
  await world.person('leo');
  await world.group('ci-old-dev', ['leo']);
  await eventually(() => world.holders('old-developer').includes('leo'));
  await world.stop();
  await crowd(world, RUN + 10);
  sent.length = 0;
  left = async () => {
    await world.change('leo', { active: false });
    await eventually(async () =>
      (await world.store.read((db) => db.selectFrom('pending').select('id').execute())).some(
        ({ id }) => id === world.idOf('leo'),
      ),
    );
  };
  world.start();
  const all = (): boolean => world.holders('pay-developer').length === RUN + 10;
  await eventually(all, 'everybody has the role', 60_000);
  assert.equal(sent[0], String(RUN));
  assert.equal(sent[1], 'cut leo');
  assert.ok(
    sent.slice(2).some((text) => text === '10' || text === '11'),
    sent.join(),
  );
});

/** Many people in one group, put into the database at once. */
async function crowd(world: Awaited<ReturnType<typeof syncWorld>>, count: number): Promise<void> {
  const caller = { connection: 'okta', credential: 'c', request: 'r' };
  const made: { value: string }[] = [];
  for (let at = 0; at < count; at += 500) {
    const part = Array.from({ length: Math.min(500, count - at) }, (_, index) => `crowd${at + index}`);
    const users = await Promise.all(
      part.map((userName) => world.directory.createUser(caller, { userName, active: true })),
    );
    made.push(...users.map(({ id }) => ({ value: id })));
  }
  await world.directory.createGroup(caller, { displayName: 'ci-pay-dev' }, made);
}
