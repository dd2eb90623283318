import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, later, type SyncWorld, syncWorld } from '../world.ts';

const MATRIX = 'hudson.security.GlobalMatrixAuthorizationStrategy';
const REASON = 'the authorization strategy is GlobalMatrixAuthorizationStrategy, not role-strategy';

test('who leaves while another authorization strategy is in force is cut off, and the certificate says what waits and why', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await switched(world, MATRIX);
  equip(world, 'ana');
  await world.change('ana', { active: false });
  await eventually(() => isCut(world, 'ana'));
  await eventually(async () => (await world.certificate('ana')).controllers[0]?.missing.length === 1);
  const { complete, controllers } = await world.certificate('ana');
  assert.equal(complete, false);
  assert.deepEqual(controllers[0]!.missing, ['remove-entries']);
  assert.ok(controllers[0]!.residual.includes(`last error: remove-entries: ${REASON}`), `${controllers[0]!.residual}`);
  assert.equal(controllers[0]!.doneAt, null);
  await switched(world, undefined);
  await eventually(async () => (await world.certificate('ana')).complete);
  assert.deepEqual((await world.certificate('ana')).controllers[0]!.missing, []);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('who is cut off just before the service knows of another authorization strategy owes the rest like everybody else', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  world.practice.hands.useStrategy(MATRIX);
  equip(world, 'ana');
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).controllers[0]?.steps.length === 7);
  await later(world, 6_000);
  await eventually(async () => (await world.certificate('ana')).controllers[0]?.missing.length === 1);
  const [ci] = (await world.certificate('ana')).controllers;
  assert.ok(ci!.residual.includes(`last error: remove-entries: ${REASON}`), `${ci!.residual}`);
  equip(world, 'ana');
  await later(world, 61_000);
  await eventually(() => isCut(world, 'ana'));
});

test('nothing else happens by another authorization strategy: gains, losses and marks wait for role-strategy', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana', 'bo');
  await switched(world, MATRIX);
  await world.person('cleo');
  await world.add('ci-pay-dev', 'cleo');
  await world.drop('ci-pay-dev', 'bo');
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).controllers[0]?.missing.length === 1);
  const rows = await world.store.read((db) =>
    db.selectFrom('entries').select(['sid', 'verified', 'desired']).execute(),
  );
  assert.deepEqual(rows.map(({ sid, verified, desired }) => `${sid} ${verified} ${desired}`).sort(), [
    'ana 1 1',
    'bo 1 1',
  ]);
  const waiting = await world.store.read((db) => db.selectFrom('pending').select('id').execute());
  assert.ok(waiting.some(({ id }) => id === world.idOf('cleo') || id === world.groupOf('ci-pay-dev')));
  await switched(world, undefined);
  await eventually(() => world.holders('pay-developer').join() === 'cleo');
});

test('a token that comes back to somebody who left is taken again while another authorization strategy is in force', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await switched(world, MATRIX);
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).controllers[0]?.missing.length === 1);
  equip(world, 'ana');
  await later(world, 6_000);
  await eventually(() => isCut(world, 'ana'));
});

test('sessions are ended once more while another authorization strategy is in force', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await switched(world, MATRIX);
  equip(world, 'ana');
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).controllers[0]?.missing.length === 1);
  const seedOf = async () => (await world.context.controller('ci').people(['ana']))[0]!.marks?.seed;
  const seed = await seedOf();
  await later(world, 61_000);
  await eventually(async () => (await seedOf()) !== seed);
});

for (const mode of ['observe', 'add-only'] as const)
  test(`in ${mode} nobody who left is cut off while another authorization strategy is in force, but by an order`, async (t) => {
    const world = await syncWorld(t, { mode });
    await world.person('ana');
    await world.ensureGroup('ci-pay-dev');
    equip(world, 'ana');
    await switched(world, MATRIX);
    await world.change('ana', { active: false });
    await eventually(
      async () => (await world.certificate('ana')).controllers[0]?.residual.join().includes('held by mode') === true,
    );
    assert.equal(world.practice.look.person('ana').tokens, 1);
    const answer = await world.order({ kind: 'leaver', person: world.idOf('ana') });
    assert.equal(answer.error, `JEN_STRATEGY: ci: ${REASON}`);
    assert.ok(answer.verified > 0);
    assert.equal(isCut(world, 'ana'), true);
  });

test('more leavers than the ceiling lets through are held while another authorization strategy is in force, too', async (t) => {
  const world = await syncWorld(t, {
    more: 'guard: { losses: { disableUsers: { count: 1, percent: 100, atLeast: 1 } } }',
  });
  const names = ['ana', 'bo', 'cleo', 'dora', 'eva'];
  await joined(world, ...names);
  for (const name of names) equip(world, name);
  await switched(world, MATRIX);
  await world.change('ana', { active: false });
  await eventually(() => isCut(world, 'ana'));
  await world.change('bo', { active: false });
  await eventually(
    async () => (await world.certificate('bo')).controllers[0]?.residual[0]?.includes('losses.disableUsers') === true,
  );
  assert.equal(world.practice.look.person('bo').tokens, 1);
});

test('a lower fence cuts nobody off while another authorization strategy is in force', async (t) => {
  const world = await syncWorld(t, { start: false });
  equip(world, 'ana');
  world.practice.hands.useStrategy(MATRIX);
  const controller = world.context.controller('ci');
  const order = { id: 'ana', steps: ['revoke-tokens' as const], entries: 'all' as const };
  assert.equal((await controller.cut(7, [])).outcome, 'done');
  assert.equal((await controller.cut(7, [{ ...order, id: 'nobody' }])).outcome, 'done');
  assert.equal((await controller.cut(6, [order])).outcome, 'fenced');
  assert.equal(world.practice.look.person('ana').tokens, 1);
});

test('a plan says that another authorization strategy is in force, and that roles wait for it', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.change('ana', { active: false });
  world.practice.hands.useStrategy(MATRIX);
  const { plan, verdict } = await world.assess('automatic');
  assert.deepEqual(
    verdict.held.map(({ step, ceiling, reason }) => `${step.kind} ${ceiling} ${reason}`),
    plan.steps.length === 0 ? [] : [`remove-entries strategy ${REASON}`],
  );
});

async function joined(world: SyncWorld, ...names: readonly string[]): Promise<void> {
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  await eventually(() => world.holders('pay-developer').length === names.length);
}

/** An administrator chooses another strategy, or role-strategy again, and the service has noticed. */
async function switched(world: SyncWorld, className: string | undefined): Promise<void> {
  world.practice.hands.useStrategy(className);
  await later(world, 61_000);
  await eventually(async () => {
    const row = await world.store.read((db) => db.selectFrom('controllers').select('error').executeTakeFirst());
    return (row?.error ?? null) === (className === undefined ? null : `JEN_STRATEGY: ci: ${REASON}`);
  });
}

function equip(world: SyncWorld, name: string): void {
  const { hands } = world.practice;
  hands.mintToken(name);
  hands.addSshKey(name);
  hands.openSshSession(name);
}

function isCut(world: SyncWorld, name: string): boolean {
  const { tokens, sshKeys, sshSessions } = world.practice.look.person(name);
  return tokens === 0 && sshKeys === 0 && sshSessions === 0;
}
