import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, later, type SyncWorld, syncWorld } from '../world.ts';

test('sessions are ended once more when a login that was under way must be over: what it left nobody sees', async (t) => {
  for (const restarted of [false, true]) {
    const world = await syncWorld(t);
    const { hands, look } = world.practice;
    await joined(world, 'ana');
    hands.account('ana', 'correct horse');
    await world.change('ana', { active: false });
    await done(world, 1);
    const session = hands.rememberedSession('ana');
    assert.equal(look.person('ana').signedIn, false);
    await later(world, 6_000);
    assert.equal(await whoIs(world, session), 'ana');
    if (restarted) await world.stop();
    await later(world, 56_000);
    if (restarted) world.start();
    await eventually(async () => (await whoIs(world, session)) === 'anonymous');
    await eventually(async () => (await records(world)).at(-1) === 'leaver.again');
    const { complete } = await world.certificate('ana');
    assert.equal(complete, true);
    await later(world, 62_000);
    await world.order({ kind: 'sync' });
    const told = (await records(world)).filter((kind) => kind.startsWith('leaver.'));
    assert.deepEqual(told, ['leaver.complete', 'leaver.again'], 'once, and the new seed is the one that was left');
  }
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

async function whoIs({ practice }: SyncWorld, session: string): Promise<string> {
  const answer = await fetch(`${practice.url}/whoAmI/api/json`, { headers: { cookie: `JSESSIONID=${session}` } });
  return ((await answer.json()) as { name: string }).name;
}
