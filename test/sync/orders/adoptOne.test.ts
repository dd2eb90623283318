import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adopt, disown } from '../../../src/sync/orders/adoption.ts';
import { syncWorld } from '../world.ts';

test('adopt and disown of one role leave the others as they are', async (t) => {
  const policy = `version: 1
roles:
  readers: { existing: { type: global, name: readers } }
  writers: { existing: { type: global, name: writers } }
  browser: { scope: global, preset: browse }
  other: { scope: global, preset: read-only }
rules:
  - { id: all, group: ci-users, grant: [readers, writers, browser, other] }
`;
  const world = await syncWorld(t, { policy, start: false });
  const { hands } = world.practice;
  for (const name of ['readers', 'writers', 'browser', 'other'])
    hands.defineRole({ type: 'global', name, pattern: '', permissions: ['hudson.model.Hudson.Read'] });
  for (const name of ['readers', 'writers']) hands.grant(name, 'ana');
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order({ kind: 'sync' });
  const stored = async () =>
    world.store.read(async (db) => {
      const entries = await db.selectFrom('entries').select('role_name').where('standing', '=', 'owned').execute();
      const roles = await db.selectFrom('owned_roles').select('role_name').execute();
      return [entries, roles].map((rows) => rows.map(({ role_name }) => role_name).sort());
    });
  assert.deepEqual(await stored(), [[], []]);
  assert.equal(await adopt(world.context, await world.assess(), 'readers'), 1);
  assert.deepEqual(await stored(), [['readers'], []]);
  assert.equal(await adopt(world.context, await world.assess(), 'browser'), 1);
  assert.deepEqual(await stored(), [['readers'], ['browser']]);
  assert.equal(await adopt(world.context, await world.assess(), undefined), 2);
  assert.deepEqual(await stored(), [
    ['readers', 'writers'],
    ['browser', 'other'],
  ]);
  assert.equal(await disown(world.context, 'ci', 'writers'), 1);
  assert.equal(await disown(world.context, 'ci', 'other'), 1);
  assert.deepEqual(await stored(), [['readers'], ['browser']]);
  assert.equal(await disown(world.context, 'another', undefined), 0);
});

test('adopt takes very many over in parts, each with its records: after one that failed the next takes the rest', async (t) => {
  const policy = `version: 1
roles:
  browser: { scope: global, preset: browse }
rules:
  - { id: all, group: ci-users, grant: browser }
`;
  const world = await syncWorld(t, { policy, start: false });
  const { hands } = world.practice;
  hands.defineRole({ type: 'global', name: 'browser', pattern: '', permissions: ['hudson.model.Hudson.Read'] });
  const names = Array.from({ length: 1_100 }, (_, n) => `p${n}`);
  await Promise.all(names.map((name) => world.person(name)));
  await world.group('ci-users', names);
  for (const name of names) hands.grant('browser', name);
  const assessed = await world.assess();
  const rows = async () =>
    (await world.store.read((db) => db.selectFrom('entries').select('sid').where('standing', '=', 'owned').execute()))
      .length;
  const told = async (kind: string) => {
    await world.ledger.seal();
    return (await world.ledger.records(1, 10_000)).filter((one) => one.kind === kind);
  };
  let written = 0;
  const write: typeof world.store.write = (work, options) =>
    world.store.write(async (tx) => {
      const before = await tx.db.selectFrom('entries').select('sid').execute();
      const done = await work(tx);
      const now = (await tx.db.selectFrom('entries').select('sid').execute()).length - before.length;
      assert.ok(now <= 500, `${now} in one transaction`);
      if (++written === 2) throw new Error('the process dies here');
      return done;
    }, options);
  const context = { ...world.context, store: { ...world.store, write } };
  await assert.rejects(adopt(context, assessed, undefined), /dies here/);
  assert.deepEqual([await rows(), (await told('grant.adopted')).length], [500, 500]);
  assert.equal(await adopt(world.context, await world.assess(), undefined), 601);
  const each = (await told('grant.adopted')).map(({ subject }) => subject?.id);
  assert.deepEqual([await rows(), each.length, new Set(each).size], [1_100, 1_100, 1_100]);
  assert.deepEqual(
    (await told('ownership.adopted')).map(({ body }) => body.count),
    [601],
  );
});
