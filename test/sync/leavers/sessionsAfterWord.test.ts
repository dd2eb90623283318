import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declareLeaver } from '../../../src/cli/product/declareLeaver.ts';
import { liftLeaver } from '../../../src/cli/product/liftLeaver.ts';
import type { Parts } from '../../../src/cli/product/parts.ts';
import { eventually, later, type SyncWorld, syncWorld } from '../world.ts';

test('of whom an operator says by name that they leave, sessions are ended once more in every mode; of whom an `apply` cuts, not', async (t) => {
  for (const mode of ['observe', 'add-only'] as const) {
    const world = await syncWorld(t, { mode, start: false });
    const { hands, look } = world.practice;
    const names = ['ana', 'bo', 'cy'];
    for (const name of names) {
      await world.person(name);
      hands.account(name, 'correct horse');
    }
    await world.group('ci-users', names);
    await world.order({ kind: 'apply' });
    // Bo by the provider, the others by name; Cy is let back.
    await world.change('bo', { active: false });
    await world.order({ kind: 'apply' });
    for (const name of ['ana', 'cy']) {
      const person = world.idOf(name);
      await declareLeaver(partsOf(world), { id: person, active: true });
      await world.order({ kind: 'leaver', person });
    }
    assert.equal(await liftLeaver(partsOf(world), world.idOf('cy')), true);
    const sessions = Object.fromEntries(names.map((name) => [name, hands.rememberedSession(name)]));
    assert.equal(look.person('ana').signedIn, false);
    world.start();
    await later(world, 62_000);
    await eventually(async () => (await again(world)).length > 0, mode);
    await later(world, 62_000);
    await world.order({ kind: 'sync' });
    assert.deepEqual(await again(world), [world.idOf('ana')], mode);
    const inside: string[] = [];
    for (const name of names) if ((await whoIs(world, sessions[name]!)) === name) inside.push(name);
    assert.deepEqual(inside, ['bo', 'cy'], mode);
    await world.stop();
  }
});

async function again({ ledger }: SyncWorld): Promise<(string | undefined)[]> {
  await ledger.seal();
  const all = await ledger.records(1, 1_000);
  return all.flatMap(({ kind, subject }) => (kind === 'leaver.again' ? [subject?.id] : []));
}

async function whoIs({ practice }: SyncWorld, session: string): Promise<string> {
  const answer = await fetch(`${practice.url}/whoAmI/api/json`, { headers: { cookie: `JSESSIONID=${session}` } });
  return ((await answer.json()) as { name: string }).name;
}

function partsOf({ store, ledger, context }: SyncWorld): Parts {
  return { store, ledger, context, config: context.config, operator: 'operator:ops' } as unknown as Parts;
}
