import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { canonical, digest } from '../../../src/access/canonical.ts';
import type { Config } from '../../../src/config/schema.ts';
import type { LedgerRecord } from '../../../src/ledger/ledger.ts';
import type { Store } from '../../../src/store/store.ts';
import { noteSections } from '../../../src/sync/configured/sections.ts';
import type { SyncContext } from '../../../src/sync/state/context.ts';
import { openTestStores } from '../../store/open.ts';
import { forge } from '../forged.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

const RUN_BY = { user: 'svc', host: 'node-1', file: '/etc/jenkins-scim.yaml', variables: ['JENKINS_SCIM__GUARD__X'] };

const SECTIONS = ['guard', 'leaver', 'connection:okta', 'connection:entra', 'controller:ci', 'protect:ci'];

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
    SECTIONS.map((id) => [{ kind: 'configuration', id }, null, 'sync']),
  );
  assert.deepEqual(first[1]!.body.value, world.config.leaver);
  await note({});
  await note(structuredClone(world.config));
  assert.equal((await recorded(world)).length, SECTIONS.length);
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

test('who may push, which controllers that reaches, and who people are on a controller are evidence, too', async (t) => {
  const { world, note } = await stopped(t);
  await note({});
  const { connections, controllers } = world.config;
  const caller = { claim: 'appid', value: 'robot' };
  const pins = { issuer: 'https://issuer.test/', audience: 'us', caller };
  const jwt = { ...pins, algorithms: ['RS256' as const], scopes: ['users:read' as const], networks: [] };
  await note({
    connections: connections.map((one) => (one.name === 'entra' ? { ...one, controllers: ['ci'], jwt } : one)),
    controllers: controllers.map((one) => ({ ...one, identity: { ...one.identity, user: 'email' as const } })),
  });
  const settings = async (id: string) => (await recorded(world, id)).at(-1)!.body.settings;
  assert.deepEqual(await settings('connection:entra'), [
    { setting: 'controllers', after: ['ci'] },
    { setting: 'jwt.algorithms', after: ['RS256'] },
    { setting: 'jwt.audience', after: 'us' },
    { setting: 'jwt.caller.claim', after: 'appid' },
    { setting: 'jwt.caller.value', after: 'robot' },
    { setting: 'jwt.issuer', after: 'https://issuer.test/' },
    { setting: 'jwt.networks', after: [] },
    { setting: 'jwt.scopes', after: ['users:read'] },
  ]);
  assert.deepEqual(await settings('controller:ci'), [{ setting: 'identity.user', before: 'userName', after: 'email' }]);
  assert.equal((await recorded(world, 'connection:okta')).length, 1);
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
  await eventually(async () => (await recorded(world)).length === SECTIONS.length);
  await world.stop();
  Object.assign(world.config.guard.gains, { grantsPerPerson: 7 });
  world.start();
  await eventually(async () => (await recorded(world, 'guard')).length === 2);
  const [{ body }] = (await recorded(world, 'guard')).slice(-1) as [LedgerRecord];
  assert.deepEqual(body.settings, [{ setting: 'gains.grantsPerPerson', before: 25, after: 7 }]);
});

test('of two replicas that start with the same edit at one moment, exactly one records it', async (t) => {
  const [first, second] = await openTestStores(t, 2);
  const world = await syncWorld(t, { start: false, store: () => first! });
  await noteSections(world.context);
  const config = { ...world.config, leaver: { ...world.config.leaver, tokens: 'keep' as const } };
  let reading = 0;
  let bothHaveRead = (): void => {};
  const both = new Promise<void>((resolve) => {
    bothHaveRead = resolve;
  });
  const start = (store: Store): Promise<void> => {
    const write: Store['write'] = async (work, options) => {
      reading += 1;
      if (reading === 2) bothHaveRead();
      await both;
      return store.write(work, options);
    };
    const slow = { ...store, read: store.read, write } as Store;
    return noteSections({ ...world.context, config, store: slow });
  };
  await Promise.all([start(first!), start(second!)]);
  assert.equal(reading, 2, 'both saw an edit that nobody had told');
  assert.equal((await recorded(world, 'leaver')).length, 2);
  assert.equal(world.lines.filter(({ message }) => message === 'the configuration was edited').length, 1);
});

test('what somebody wrote into the ledger hides no edit, and hinders none of being recorded', async (t) => {
  const { world, note } = await stopped(t);
  await note({});
  const guard = { ...world.config.guard, gains: { ...world.config.guard.gains, grantsPerPerson: 7 } };
  const forged = { digest: digest(guard), previous: null, settings: [], value: guard };
  for (const body of [JSON.stringify(forged), canonical(forged), 'null', '5', '{', '{}'])
    await forge(world, { kind: 'configuration.changed', subject_kind: 'configuration', subject_id: 'guard', body });
  await note({ guard });
  const { body } = (await recorded(world, 'guard')).at(-1)!;
  assert.deepEqual(body.settings, [{ setting: 'gains.grantsPerPerson', before: 25, after: 7 }]);
  assert.equal(body.previous, digest(world.config.guard));
  await world.store.write(({ db }) =>
    db.updateTable('ledger_personal').set({ content: '{"settings":"[]","value":"{}"}' }).execute(),
  );
  const [ci] = world.config.controllers;
  await note({ guard, controllers: [{ ...ci!, breakGlass: [] }] });
  const edit = (await recorded(world, 'protect:ci')).at(-1)!;
  assert.deepEqual(edit.body.settings, ['breakGlass', 'groups', 'roles', 'users'], 'what was rewritten is not known');
});
