import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passThrough } from '../passThrough.ts';
import { debtRows, digestOf, recordsOf, waiting } from '../rows.ts';
import { eventually, later, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('a leaver that a stale "Assign Roles" page brings back is found again after 5 and after 60 seconds', async (t) => {
  const world = await joined(t, ['ana']);
  const first = world.practice.hands.assignRolesPage();
  await world.change('ana', { active: false });
  await eventually(() => !world.holders('pay-developer').includes('ana'));
  await eventually(async () => (await debtRows(world))[0]?.state === 'done');
  first.save();
  assert.ok(world.holders('pay-developer').includes('ana'));
  await later(world, 6_100);
  await eventually(() => !world.holders('pay-developer').includes('ana'));
  first.save();
  await later(world, 55_000);
  await eventually(() => !world.holders('pay-developer').includes('ana'));
});

test('looking again after a leaver reads the controller and compares nobody where it is as it was left', async (t) => {
  const { world, reads } = await counted(t);
  await world.person('bo');
  await world.group('ci-web-dev', ['bo']);
  await eventually(() => world.holders('web-developer').includes('bo'));
  await later(world, 61_000);
  const full = async (): Promise<number | null> => {
    const row = await world.store.read((db) => db.selectFrom('controllers').select('full_ms').executeTakeFirst());
    return row?.full_ms ?? null;
  };
  await world.change('ana', { active: false });
  await eventually(async () => (await debtRows(world))[0]?.state === 'done');
  assert.deepEqual(world.holders('pay-developer'), []);
  const [before, read] = [await full(), reads()];
  await later(world, 6_100);
  await eventually(() => reads() > read, 'the first look');
  const second = reads();
  await later(world, 55_000);
  await eventually(() => reads() > second, 'the second look');
  assert.equal(await full(), before, 'everybody was compared');
});

test('an administrator who lost it and is brought back by a stale page is found again after 5 seconds, answered or not', async (t) => {
  for (const answered of [true, false]) {
    let silent = false;
    const world = await joined(t, ['ana', 'bo'], {
      wrap: (controller) => ({
        ...passThrough(controller),
        async apply(batch) {
          const lost = silent;
          const outcome = await controller.apply(batch);
          return lost ? { outcome: 'unknown', reason: 'the answer was lost' } : outcome;
        },
      }),
    });
    await world.group('jenkins-admins', ['ana', 'bo']);
    await eventually(() => world.holders('administrator').length === 2);
    const page = world.practice.hands.assignRolesPage();
    silent = !answered;
    await world.drop('jenkins-admins', 'bo');
    await eventually(() => !world.holders('administrator').includes('bo'));
    silent = false;
    // What was not answered is settled by then.
    await world.order(sync);
    page.save();
    assert.ok(world.holders('administrator').includes('bo'));
    await later(world, 6_100);
    await eventually(() => !world.holders('administrator').includes('bo'));
    assert.deepEqual(world.holders('administrator'), ['ana']);
  }
});

test('a cheap fingerprint every 60 seconds finds what somebody edited, and a full read repairs it', async (t) => {
  const { world, reads, minutes } = await counted(t);
  const before = reads();
  await minutes();
  assert.equal(reads(), before, 'nothing was edited: no full read');
  world.practice.hands.revoke('pay-developer', 'ana');
  await later(world, 61_000);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  assert.equal(reads(), before + 1);
});

test('a full read every 15 minutes repairs drift in enforce, and only reports it in observe', async (t) => {
  const world = await joined(t, ['ana']);
  world.practice.hands.revoke('pay-developer', 'ana');
  await later(world, 15 * 60_000 + 100);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.stop();
  (world.config.controllers[0] as { mode: string }).mode = 'observe';
  world.practice.hands.revoke('pay-developer', 'ana');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
  const { plan } = await world.assess('automatic');
  assert.deepEqual(
    plan.steps.map(({ kind, cause }) => [kind, cause]),
    [['grant', 'drift']],
  );
});

test('another session of the controller, after a restart, starts a full read though nothing else differs', async (t) => {
  const { world, reads } = await counted(t);
  await world.practice.hands.restart();
  const before = reads();
  await later(world, 61_000);
  await eventually(() => reads() === before + 1);
});

test('whoever came back before any step began loses nothing, to an operator who applies or releases before anybody looked neither', async (t) => {
  for (const held of ['mode', 'losses.disableUsers']) {
    const more = 'guard: { losses: { disableUsers: { count: 0, percent: 100, atLeast: 0 } } }';
    const world = await syncWorld(t, { start: false, ...(held === 'mode' ? { mode: 'observe' } : { more }) });
    for (const name of ['ana', 'bo']) await world.person(name);
    await world.group('ci-pay-dev', ['ana', 'bo']);
    await world.order({ kind: 'apply' });
    world.practice.hands.mintToken('ana');
    await world.change('ana', { active: false });
    await world.order(sync);
    assert.ok((await waiting(world)).includes(`revoke-tokens ana: ${held}`));
    const digest = await digestOf(world, held);
    await world.change('ana', { active: true });
    assert.deepEqual((await world.assess()).plan.steps, []);
    await world.order(held === 'mode' ? { kind: 'apply' } : { kind: 'apply', allowLoss: digest });
    assert.equal(world.practice.look.person('ana').tokens, 1);
    assert.equal((await debtRows(world))[0]?.state, 'cancelled');
    assert.deepEqual(await waiting(world), []);
  }
});

test('a reactivation before any step began cancels the debt and is recorded', async (t) => {
  const world = await syncWorld(t, { start: false, mode: 'observe' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'apply' });
  await world.change('ana', { active: false });
  await world.order(sync);
  await world.change('ana', { active: true });
  await world.order(sync);
  assert.equal((await debtRows(world))[0]?.state, 'cancelled');
  assert.ok((await recordsOf(world, 'ana')).includes('leaver.cancelled'), (await recordsOf(world, 'ana')).join());
});

test('a person without a record on a controller owes only entries there', async (t) => {
  const world = await joined(t, ['ana']);
  await world.change('ana', { active: false });
  await eventually(async () => (await debtRows(world))[0]?.state === 'done');
  const [state] = await world.context.controller('ci').people(['ana']);
  assert.equal(state?.record, undefined);
  assert.deepEqual(state?.entries, []);
});

test('an unentitled person keeps tokens for the grace, and keys, password and record for good', async (t) => {
  const world = await joined(t, ['ana']);
  const { hands, look } = world.practice;
  hands.account('ana', 'pw');
  hands.mintToken('ana');
  hands.addSshKey('ana');
  await world.drop('ci-pay-dev', 'ana');
  await eventually(async () => (await debtRows(world))[0]?.steps.includes('end-sessions') === true);
  assert.equal(look.person('ana').tokens, 1);
  await later(world, 3_600_000);
  await eventually(() => look.person('ana').tokens === 0);
  assert.deepEqual([look.person('ana').sshKeys, look.person('ana').password], [1, 'pw']);
});

/** `ana` has a role, the fingerprint is known, and whole readings of the strategy are counted. */
interface Counted {
  readonly world: SyncWorld;
  /** Full reads so far. */
  readonly reads: () => number;
  /** Lets two minutes pass; what the fingerprint of the first one led to is over before that of the second is asked for. */
  readonly minutes: () => Promise<void>;
}

async function counted(t: Parameters<typeof syncWorld>[0]): Promise<Counted> {
  let full = 0;
  let looks = 0;
  const world = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      observe() {
        full += 1;
        return controller.observe();
      },
      async fingerprint() {
        const found = await controller.fingerprint();
        looks += 1;
        return found;
      },
    }),
  });
  const minutes = async (): Promise<void> => {
    for (let minute = 0; minute < 2; minute++) {
      const before = looks;
      // What was read whole meanwhile needs no look for another minute.
      for (let time = 0; looks === before && time < 8; time++) {
        await later(world, 61_000);
        await eventually(() => looks > before, 'a look', 2_000).catch(() => {});
      }
      assert.ok(looks > before, 'nobody looked');
    }
  };
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await minutes();
  return { world, reads: () => full, minutes };
}

async function joined(
  t: Parameters<typeof syncWorld>[0],
  names: readonly string[],
  options: WorldOptions = {},
): Promise<SyncWorld> {
  const world = await syncWorld(t, options);
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  await eventually(() => world.holders('pay-developer').length === names.length);
  return world;
}
