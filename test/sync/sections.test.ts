import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import type { Config } from '../../src/config/schema.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import type { LedgerRecord } from '../../src/ledger/ledger.ts';
import type { SyncContext } from '../../src/sync/context.ts';
import { noteSections } from '../../src/sync/sections.ts';
import { openTestStores } from '../store/open.ts';
import { eventually, type SyncWorld, syncWorld } from './world.ts';

const RUN_BY = { user: 'svc', host: 'node-1', file: '/etc/jenkins-scim.yaml', variables: ['JENKINS_SCIM__GUARD__X'] };

async function recorded({ ledger }: SyncWorld, id?: string): Promise<LedgerRecord[]> {
  await ledger.seal();
  const all = (await ledger.records(1, 1_000)).filter(({ kind }) => kind === 'configuration.changed');
  return id === undefined ? all : all.filter(({ subject }) => subject?.id === id);
}

async function stopped(t: TestContext) {
  const world = await syncWorld(t, { start: false });
  const note = (config: Partial<Config>, more: Partial<SyncContext> = {}): Promise<void> =>
    noteSections({ ...world.context, config: { ...world.context.config, ...config }, ...more });
  return { world, note };
}

test('the first start records what is in force, later ones record nothing while nothing is edited', async (t) => {
  const { world, note } = await stopped(t);
  await note({});
  const first = await recorded(world);
  assert.deepEqual(
    first.map(({ subject, body, actor }) => [subject, body.previous, actor]),
    ['guard', 'leaver', 'protect:ci'].map((id) => [{ kind: 'configuration', id }, null, 'sync']),
  );
  assert.deepEqual(first[1]!.body.value, world.config.leaver);
  await note({});
  await note(structuredClone(world.config));
  assert.equal((await recorded(world)).length, 3);
  assert.ok(
    !world.lines.some(({ message }) => message === 'the configuration was edited'),
    'a first record is no edit',
  );
});

test('an edit of leaver is recorded with the settings of before and after, who took it, and where it came from', async (t) => {
  const { world, note } = await stopped(t);
  await note({});
  const { leaver } = world.config;
  await note(
    { leaver: { ...leaver, tokens: 'keep', unentitledGrace: 5 } },
    { operator: 'operator:ana', runBy: RUN_BY },
  );
  const [before, edit, ...more] = await recorded(world, 'leaver');
  assert.deepEqual(more, []);
  assert.equal(edit!.actor, 'operator:ana');
  assert.equal(edit!.body.previous, before!.body.digest);
  assert.notEqual(edit!.body.digest, before!.body.digest);
  assert.deepEqual(edit!.body.settings, [
    { setting: 'tokens', before: 'revoke', after: 'keep' },
    { setting: 'unentitledGrace', before: 3_600_000, after: 5 },
  ]);
  assert.deepEqual(edit!.body.from, RUN_BY);
  const told = world.lines.filter(({ message }) => message === 'the configuration was edited');
  assert.deepEqual(
    told.map(({ fields }) => fields),
    [{ section: 'leaver', settings: ['tokens', 'unentitledGrace'] }],
  );
  await note({ leaver });
  assert.equal((await recorded(world, 'leaver')).at(-1)!.body.digest, before!.body.digest, 'the way back is one, too');
});

test('names of protected accounts stand beside the chain, and each controller has its own record', async (t) => {
  const world = await syncWorld(t, { start: false, controllers: ['ci', 'prod'] });
  await noteSections(world.context);
  const [ci, prod] = world.config.controllers;
  const edited = { ...prod!, protect: { ...prod!.protect, users: ['root-x', 'svc-*'] }, breakGlass: [] };
  await noteSections({ ...world.context, config: { ...world.config, controllers: [ci!, edited] } });
  assert.equal((await recorded(world, 'protect:ci')).length, 1);
  const [, edit, ...more] = await recorded(world, 'protect:prod');
  assert.deepEqual(more, []);
  assert.deepEqual(edit!.body.settings, ['breakGlass', 'users']);
  assert.deepEqual(JSON.parse(edit!.personal!.settings!), [
    { setting: 'breakGlass', before: ['admin'], after: [] },
    { setting: 'users', before: [], after: ['root-x', 'svc-*'] },
  ]);
  assert.ok(!JSON.stringify(edit!.body).includes('root-x'));
  await world.store.write(({ db }) => db.deleteFrom('ledger_personal').execute());
  await noteSections(world.context);
  const back = (await recorded(world, 'protect:prod')).at(-1)!;
  assert.deepEqual(back.body.settings, ['breakGlass', 'groups', 'roles', 'users'], 'what was erased is not known');
  assert.equal(back.body.previous, edit!.body.digest);
  await world.ledger.verify();
});

test('two processes that take one edit at the same time record it once where one of them sees the other', async (t) => {
  const { world, note } = await stopped(t);
  await note({});
  const guard = structuredClone(world.config.guard);
  guard.gains.createRoles = 1;
  await note({ guard });
  await Promise.all([note({ guard }), note({ guard })]);
  const told = await recorded(world, 'guard');
  assert.deepEqual(told.map(({ body }) => body.settings).at(-1), [
    { setting: 'gains.createRoles', before: 50, after: 1 },
  ]);
  assert.equal(told.length, 2);
});

test('a service that starts with an edited configuration records it before it acts by it', async (t) => {
  const world = await syncWorld(t);
  await eventually(async () => (await recorded(world)).length === 3);
  await world.stop();
  Object.assign(world.config.guard.gains, { grantsPerPerson: 7 });
  world.start();
  await eventually(async () => (await recorded(world, 'guard')).length === 2);
  const [{ body }] = (await recorded(world, 'guard')).slice(-1) as [LedgerRecord];
  assert.deepEqual(body.settings, [{ setting: 'gains.grantsPerPerson', before: 25, after: 7 }]);
});

test('replicas that start with the same edit at one moment record it once', async (t) => {
  const { context } = await syncWorld(t, { start: false });
  const { clock, random } = context;
  const keys = parseKeyFile(newKeyFile(random.bytes));
  const replicas = (await openTestStores(t, 3)).map((store) => ({
    ...context,
    store,
    recorder: createLedger({ store, keys, clock, random }),
  }));
  for (let edit = 1; edit <= 20; edit++) {
    const config = { ...context.config, leaver: { ...context.config.leaver, unentitledGrace: edit } };
    await Promise.all(replicas.map((replica) => noteSections({ ...replica, config })));
    const { length } = await replicas[0]!.store.read((db) =>
      db.selectFrom('ledger').select('id').where('subject_id', '=', 'leaver').execute(),
    );
    assert.equal(length, edit);
  }
});
