import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waiting } from './rows.ts';
import { type SyncWorld, syncWorld } from './world.ts';

const sync = { kind: 'sync' } as const;

/** Marks the credential that the directory of these tests is written with. */
async function mark(world: SyncWorld, since: number): Promise<void> {
  const at = new Date(since).toISOString();
  const row = { credential: 'cred', since: at, marked_at: at };
  await world.store.write(({ db }) =>
    db
      .insertInto('compromised')
      .values(row)
      .onConflict((conflict) => conflict.column('credential').doUpdateSet(row))
      .execute(),
  );
}

test('what people gain by a compromised credential waits; what they had and what others lose does not', async (t) => {
  const world = await syncWorld(t);
  for (const name of ['old', 'leaver']) await world.person(name);
  await world.group('ci-pay-dev', ['old', 'leaver']);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['leaver', 'old']);
  world.time.forward(60_000);
  const since = world.context.clock.now();
  world.time.forward(60_000);
  await mark(world, since);
  await world.person('mallory');
  await world.add('ci-pay-dev', 'mallory');
  await world.group('ci-web-dev', ['old']);
  await world.change('leaver', { active: false });
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['old']);
  assert.deepEqual(world.holders('web-developer'), []);
  assert.deepEqual((await waiting(world)).toSorted(), ['grant mallory: compromised', 'grant old: compromised']);
});

test('marked from a later moment on, nothing of before is held anew', async (t) => {
  const world = await syncWorld(t);
  await mark(world, world.context.clock.now() + 3_600_000);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('people in a group that was nested by it are suspects too', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('inner', ['ana']);
  await world.order(sync);
  world.time.forward(60_000);
  const since = world.context.clock.now();
  world.time.forward(60_000);
  await mark(world, since);
  await world.ensureGroup('ci-pay-dev');
  const id = world.groupOf('ci-pay-dev');
  await world.store.write(({ db }) =>
    db
      .insertInto('members')
      .values({
        ...{ group_id: id, member_id: world.groupOf('inner'), kind: 'Group' as const, request: null },
        ...{ since: new Date(since + 1).toISOString(), credential: 'cred' },
      })
      .execute(),
  );
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('of the JWTs of an issuer, what they did until their mark is held; what later ones do is not', async (t) => {
  const world = await syncWorld(t, { start: false });
  const since = world.context.clock.now();
  const jwt = 'jwt:okta';
  const ours = (column: 'members' | 'journal') =>
    world.store.write(({ db }) => db.updateTable(column).set({ credential: jwt }).execute());
  await world.person('thief');
  await world.group('ci-pay-dev', ['thief']);
  world.time.forward(60_000);
  const [from, marked_at] = [since, world.context.clock.now()].map((at) => new Date(at).toISOString());
  await world.store.write(({ db }) =>
    db.insertInto('compromised').values({ credential: jwt, since: from!, marked_at: marked_at! }).execute(),
  );
  world.time.forward(3_600_000);
  await world.person('later');
  await world.group('ci-web-dev', ['later']);
  for (const table of ['members', 'journal'] as const) await ours(table);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
  assert.deepEqual(world.holders('web-developer'), ['later']);
  assert.deepEqual(await waiting(world), ['grant thief: compromised']);
});
