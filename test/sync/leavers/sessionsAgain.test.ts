import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScimError } from '../../../src/errors.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, later, type SyncWorld, syncWorld } from '../world.ts';

test('sessions are ended once more when a login that was under way must be over: what it left nobody sees', async (t) => {
  for (const restarted of [false, true]) {
    const world = await syncWorld(t);
    const { hands, look } = world.practice;
    await cut(world);
    const session = hands.rememberedSession('ana');
    assert.equal(look.person('ana').signedIn, false);
    await later(world, 6_000);
    assert.equal(await whoIs(world, session), 'ana');
    if (restarted) await world.stop();
    await later(world, 62_000);
    if (restarted) world.start();
    await eventually(async () => (await whoIs(world, session)) === 'anonymous');
    await eventually(async () => (await records(world)).includes('leaver.again'));
    const { complete } = await world.certificate('ana');
    assert.equal(complete, true);
    await later(world, 62_000);
    await world.order({ kind: 'sync' });
    const told = (await records(world)).filter((kind) => kind.startsWith('leaver.'));
    assert.deepEqual(told, ['leaver.complete', 'leaver.again'], 'once, and the new seed is the one that was left');
  }
});

test('sessions are ended once more of whoever had no record when they left, too: a first login may have been under way', async (t) => {
  const world = await syncWorld(t);
  const { hands, look } = world.practice;
  await joined(world, 'ana');
  await world.change('ana', { active: false });
  await done(world, 1);
  await world.order({ kind: 'sync' });
  // A realm that fires no `loggedIn` makes the record, and no note.
  const session = hands.rememberedSession('ana');
  assert.equal(look.person('ana').signedIn, false);
  await later(world, 6_000);
  await later(world, 62_000);
  await eventually(async () => (await whoIs(world, session)) === 'anonymous');
  await eventually(async () => (await records(world)).includes('leaver.again'));
});

test('what ended sessions once more, and was not answered, is done again a minute later under a higher fence, and nobody came back', async (t) => {
  for (const [heard, told] of [
    [true, true],
    [true, false],
    [false, true],
  ] as const) {
    const fences: number[] = [];
    let died = false;
    const world: SyncWorld = await syncWorld(t, {
      wrap: (controller) => ({
        ...passThrough(controller),
        async cut(fence, orders) {
          if (orders.some(({ steps }) => steps.length > 1)) return controller.cut(fence, orders);
          fences.push(fence);
          if (fences.length > 1) return controller.cut(fence, orders);
          if (heard) await controller.cut(fence, orders);
          if (told) return { outcome: 'unknown', results: [], reason: 'the answer was lost' };
          // As if the process had died: it hears and stores nothing more, and another one begins.
          void world.stop();
          died = true;
          return Promise.withResolvers<never>().promise;
        },
      }),
    });
    const { hands } = world.practice;
    await cut(world);
    const session = hands.rememberedSession('ana');
    await later(world, 6_000);
    await later(world, 62_000);
    await eventually(() => (told ? fences.length > 0 : died));
    if (!told) world.start();
    await later(world, 62_000);
    await eventually(async () => (await whoIs(world, session)) === 'anonymous');
    await eventually(async () => (await records(world)).includes('leaver.again'));
    await later(world, 62_000);
    await world.order({ kind: 'sync' });
    const kinds = (await records(world)).filter((kind) => kind.startsWith('leaver.'));
    assert.deepEqual(kinds, ['leaver.complete', 'leaver.again'], `${heard} ${told}`);
    assert.equal(fences.length, 2);
    if (told) assert.ok(fences[1]! > fences[0]!, 'what arrives late is refused');
    const open = await world.store.read((db) => db.selectFrom('intents').select('state').execute());
    assert.ok(open.every(({ state }) => state === 'verified' || state === 'failed'));
  }
});

test('a look behind a departure that the controller did not bear is done again as soon as it does, whatever was read meanwhile', async (t) => {
  for (const minutes of [0, 5]) {
    let tries = 0;
    let away = true;
    const world: SyncWorld = await syncWorld(t, {
      wrap: (controller) => ({
        ...passThrough(controller),
        async cut(fence, orders) {
          if (orders.some(({ steps }) => steps.length > 1)) return controller.cut(fence, orders);
          tries += 1;
          if (away) throw new ScimError('JEN_UNREACHABLE', { reason: 'refused' });
          return controller.cut(fence, orders);
        },
      }),
    });
    await cut(world);
    await later(world, 6_000);
    await later(world, 62_000);
    await eventually(() => tries > 0);
    for (let minute = 0; minute < minutes; minute++) {
      const before = tries;
      await later(world, 60_000);
      await eventually(() => tries > before);
    }
    away = false;
    // A pass reads everything anew: the digest tells of nothing any more.
    await later(world, 1_000);
    await eventually(async () => (await records(world)).includes('leaver.again'), `after ${minutes} minutes`);
  }
});

test('sessions are ended once more though the controller failed behind the departure, within the same pass', async (t) => {
  let fails = false;
  let failed = 0;
  const world: SyncWorld = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      async apply(batch) {
        if (!fails) return controller.apply(batch);
        fails = false;
        failed += 1;
        await controller.apply(batch);
        throw new ScimError('JEN_UNREACHABLE', { reason: 'refused' });
      },
    }),
  });
  await joined(world, 'ana');
  world.practice.hands.account('ana', 'correct horse');
  await world.person('bo');
  await world.order({ kind: 'sync' });
  await world.stop();
  await world.change('ana', { active: false });
  await world.add('ci-pay-dev', 'bo');
  fails = true;
  world.start();
  await eventually(() => world.holders('pay-developer').join() === 'bo');
  // It is met again, and everything was done.
  await world.order({ kind: 'sync' });
  await world.order({ kind: 'sync' });
  assert.equal(failed, 1);
  await later(world, 6_000);
  await later(world, 62_000);
  await eventually(async () => (await records(world)).includes('leaver.again'));
});

test('sessions are ended once more an hour later: a realm may let somebody in for longer, and leave no note of it', async (t) => {
  const world = await syncWorld(t);
  const { hands } = world.practice;
  await cut(world);
  await later(world, 62_000);
  await eventually(async () => (await records(world)).includes('leaver.again'));
  const session = hands.rememberedSession('ana');
  await later(world, 20 * 60_000);
  await eventually(async () => (await pending(world)) === 0);
  assert.equal(await whoIs(world, session), 'ana');
  await later(world, 45 * 60_000);
  await eventually(async () => (await whoIs(world, session)) === 'anonymous');
  await later(world, 20 * 60_000);
  await eventually(async () => (await pending(world)) === 0);
  const told = (await records(world)).filter((kind) => kind.startsWith('leaver.'));
  assert.deepEqual(told, ['leaver.complete', 'leaver.again', 'leaver.again']);
});

test('a controller that is only observed, or only added to, is not told to end sessions once more', async (t) => {
  for (const mode of ['observe', 'add-only'] as const) {
    const world = await syncWorld(t);
    const { hands } = world.practice;
    await cut(world);
    const session = hands.rememberedSession('ana');
    await world.stop();
    Object.assign(world.config.controllers[0]!, { mode });
    await later(world, 62_000);
    world.start();
    await world.order({ kind: 'sync' });
    await later(world, 62_000);
    assert.equal(await whoIs(world, session), 'ana', mode);
    assert.ok(!(await records(world)).includes('leaver.again'));
  }
});

test('whom a realm logs in at each request is cut by looks for minutes after they left, then by each full read: nothing floods', async (t) => {
  const world: SyncWorld = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      async cut(fence, orders) {
        const outcome = await controller.cut(fence, orders);
        world.practice.hands.openSession('ana');
        return outcome;
      },
    }),
  });
  await joined(world, 'ana');
  world.practice.hands.account('ana', 'correct horse');
  await world.change('ana', { active: false });
  await done(world, 1);
  const cameBack = async () => (await records(world)).filter((kind) => kind === 'leaver.came-back').length;
  const minutes = async (count: number) => {
    const before = await cameBack();
    for (let step = 0; step < count * 5; step++) {
      await later(world, 12_000);
      await eventually(async () => (await pending(world)) === 0);
      await done(world, 1);
    }
    return (await cameBack()) - before;
  };
  assert.ok((await minutes(4)) > 1, 'at once');
  assert.equal(await minutes(8), 0);
  assert.equal(await minutes(5), 1, 'by a full read');
});

async function joined(world: SyncWorld, name: string): Promise<void> {
  await world.person(name);
  await world.ensureGroup('ci-pay-dev');
  await world.add('ci-pay-dev', name);
  await eventually(() => world.holders('pay-developer').includes(name));
}

async function records({ ledger }: SyncWorld): Promise<string[]> {
  await ledger.seal();
  return (await ledger.records(1, 1_000)).map(({ kind }) => kind);
}

async function done({ store }: SyncWorld, count: number): Promise<void> {
  const states = () => store.read((db) => db.selectFrom('debts').select('state').execute());
  await eventually(async () => (await states()).filter(({ state }) => state === 'done').length === count);
}

/** Ana has a role and a password, leaves and is cut. The looks behind that are planned, too: what an order begins is after it. */
async function cut(world: SyncWorld): Promise<void> {
  await joined(world, 'ana');
  world.practice.hands.account('ana', 'correct horse');
  await world.change('ana', { active: false });
  await done(world, 1);
  await world.order({ kind: 'sync' });
}

async function whoIs({ practice }: SyncWorld, session: string): Promise<string> {
  const answer = await fetch(`${practice.url}/whoAmI/api/json`, { headers: { cookie: `JSESSIONID=${session}` } });
  return ((await answer.json()) as { name: string }).name;
}

async function pending({ store }: SyncWorld): Promise<number> {
  const rows = await store.read((db) => db.selectFrom('pending').select('id').execute());
  const dirty = await store.read((db) => db.selectFrom('dirty').select('id').execute());
  return rows.length + dirty.length;
}
