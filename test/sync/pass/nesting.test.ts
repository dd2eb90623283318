import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

const POLICY = `version: 1
roles:
  operator:
    scope: global
    preset: browse
  developer:
    scope: { folder: "{team}" }
    name: "{team}-developer"
    permissions: [Job/Read, Job/Build]
captures:
  team: { matches: "[a-z][a-z0-9-]*", max: 50 }
rules:
  - id: operators
    group: ops
    unless: { group: contractors }
    grant: operator
  - id: developers
    group: "ci-{team}-dev"
    grant: developer
`;

/** Ceilings that none of these tests reaches. */
const MORE = `guard:
  losses:
    disableUsers: { count: 1000, percent: 100, atLeast: 1000 }
    revokeGrants: { count: 1000, percent: 100, atLeast: 1000 }
`;

const CALLER = { connection: 'okta', credential: 'c', request: 'r' };

async function opened(t: TestContext): Promise<SyncWorld> {
  return syncWorld(t, { policy: POLICY, more: MORE });
}

/** Until everything that was pushed is dealt with. */
function quiet(world: SyncWorld): Promise<void> {
  return eventually(() =>
    world.store.read(async (db) => {
      const dirty = await db.selectFrom('dirty').select('id').execute();
      const pending = await db.selectFrom('pending').select('id').execute();
      return dirty.length + pending.length === 0;
    }),
  );
}

async function take(world: SyncWorld, group: string, member: string): Promise<void> {
  const values = [world.groupOf(member) ?? world.idOf(member)];
  await world.directory.changeGroup(CALLER, world.groupOf(group), [{ op: 'remove-members', values }]);
}

async function put(world: SyncWorld, group: string, member: string): Promise<void> {
  const members = [{ value: world.groupOf(member) ?? world.idOf(member) }];
  await world.directory.changeGroup(CALLER, world.groupOf(group), [{ op: 'add-members', members }]);
}

test('a nested group taken out of an unless group: the gain follows the push, at any depth', async (t) => {
  for (const depth of [1, 2, 3]) {
    const world = await opened(t);
    await world.person('ana');
    await world.group('ops', ['ana']);
    await world.group('level0', ['ana']);
    for (let level = 1; level < depth; level++) await world.group(`level${level}`, [`level${level - 1}`]);
    await world.group('contractors', [`level${depth - 1}`]);
    await quiet(world);
    assert.deepEqual(world.holders('operator'), []);
    await take(world, 'contractors', `level${depth - 1}`);
    await eventually(() => world.holders('operator').includes('ana'), `depth ${depth}`);
  }
});

test('a nested group in the middle of the way to an unless group is deleted: the gain follows the push', async (t) => {
  const world = await opened(t);
  await world.person('ana');
  await world.group('ops', ['ana']);
  await world.group('squad', ['ana']);
  await world.group('agency', ['squad']);
  await world.group('contractors', ['agency']);
  await quiet(world);
  assert.deepEqual(world.holders('operator'), []);
  await world.deleteGroup('agency');
  await eventually(() => world.holders('operator').includes('ana'));
});

test('a nested group put into an unless group: the loss follows the push', async (t) => {
  const world = await opened(t);
  await world.person('ana');
  await world.group('ops', ['ana']);
  await world.group('squad', ['ana']);
  await world.group('agency', ['squad']);
  await world.group('contractors');
  await eventually(() => world.holders('operator').includes('ana'));
  await put(world, 'contractors', 'agency');
  await eventually(() => !world.holders('operator').includes('ana'));
});

test('an unless group that is renamed goes on excluding, whoever it contains by nesting', async (t) => {
  const world = await opened(t);
  await world.person('ana');
  await world.group('ops', ['ana']);
  await world.group('squad', ['ana']);
  await world.group('contractors', ['squad']);
  await quiet(world);
  await world.rename('contractors', 'externals');
  await quiet(world);
  assert.deepEqual(world.holders('operator'), []);
  await take(world, 'externals', 'squad');
  await eventually(() => world.holders('operator').includes('ana'));
});

/** Edges that come and go; what is more is deleted or renamed. */
const EDGES = [
  ['contractors', 'agency'],
  ['contractors', 'squad'],
  ['contractors', 'cy'],
  ['agency', 'squad'],
  ['agency', 'floor'],
  ['floor', 'squad'],
  ['squad', 'floor'],
  ['ops', 'squad'],
  ['ops', 'cy'],
  ['ci-pay-dev', 'agency'],
  ['ci-pay-dev', 'ana'],
] as const;
const toggled = fc.constantFrom(...EDGES).map(([group, member]) => ({ op: 'toggle' as const, group, member }));
const edit = fc.oneof(
  { weight: 10, arbitrary: toggled },
  { weight: 1, arbitrary: fc.constantFrom('agency', 'floor').map((group) => ({ op: 'delete' as const, group })) },
  { weight: 1, arbitrary: fc.constantFrom('contractors', 'floor').map((group) => ({ op: 'rename' as const, group })) },
);
const edits = fc.array(edit, { minLength: 6, maxLength: 14 });

test('after each push of random edits of nested groups, what some were looked at for is what a look at all gives', async (t) => {
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      const world = await opened(t);
      for (const name of ['ana', 'bo', 'cy']) await world.person(name);
      await world.group('ops', ['ana', 'bo']);
      await world.group('squad', ['ana', 'bo']);
      await world.group('floor', ['cy']);
      await world.group('agency', ['squad']);
      await world.group('contractors', ['agency']);
      await world.group('ci-pay-dev');
      await quiet(world);
      const members = new Set(['contractors agency', 'agency squad']);
      const deleted = new Set<string>();
      for (const [index, step] of list.entries()) {
        // Past the window in which changes are gathered.
        world.time.forward(1_001);
        if (deleted.has(step.group) || (step.op === 'toggle' && deleted.has(step.member))) continue;
        if (step.op === 'toggle') await toggle(world, members, step.group, step.member);
        else if (step.op === 'rename') await renamed(world, step.group, `${step.group}-${index}`);
        else {
          deleted.add(step.group);
          await world.deleteGroup(step.group);
        }
        await quiet(world);
        const { verdict } = await world.assess('automatic');
        const steps = verdict.go.flatMap((item) =>
          item.kind === 'grant' || item.kind === 'revoke' ? [`${item.kind} ${item.role.name}`] : [],
        );
        assert.deepEqual(steps, [], `after edit ${index + 1}`);
      }
      await world.stop();
    }),
    { numRuns: 8 },
  );
});

async function toggle(world: SyncWorld, members: Set<string>, group: string, member: string): Promise<void> {
  const edge = `${group} ${member}`;
  if (members.delete(edge)) return take(world, group, member);
  members.add(edge);
  return put(world, group, member);
}

/** Under the id that its first name has in these tests. */
async function renamed(world: SyncWorld, group: string, displayName: string): Promise<void> {
  await world.directory.changeGroup(CALLER, world.groupOf(group), [
    { op: 'attributes', change: (current) => ({ ...current, displayName }) },
  ]);
}
