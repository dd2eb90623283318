import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { syncWorld } from '../world.ts';

const MINUTE = 60_000;

/** Somebody with a token, whom a rule gives something; the departure waits as long as the mode is `observe`. */
async function joined(t: TestContext) {
  const world = await syncWorld(t, { start: false, more: 'leaver: { unentitledGrace: 1h }' });
  const { practice, store, time } = world;
  const look = async (mode: 'observe' | 'enforce', minutes = 0): Promise<void> => {
    time.forward(minutes * MINUTE);
    Object.assign(world.config.controllers[0]!, { mode });
    await world.order({ kind: 'sync' });
  };
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  practice.hands.mintToken('ana');
  await look('enforce');
  return {
    ...world,
    look,
    tokens: () => practice.look.person('ana').tokens,
    debts: async () =>
      (await store.read((db) => db.selectFrom('debts').select(['cause', 'state']).execute())).map(
        ({ cause, state }) => `${cause} ${state}`,
      ),
  };
}

test('who had no grant any more, left and came back while the departure waited, owes the tokens when the grace of then is over', async (t) => {
  const { change, drop, look, tokens, debts } = await joined(t);
  await drop('ci-pay-dev', 'ana');
  await look('enforce');
  assert.deepEqual(await debts(), ['unentitled open']);
  await change('ana', { active: false });
  await look('observe', 20);
  assert.deepEqual(await debts(), ['leaver held']);
  await change('ana', { active: true });
  await look('enforce', 20);
  assert.deepEqual([await debts(), tokens()], [['unentitled open'], 1]);
  await look('enforce', 15);
  assert.equal(tokens(), 1, 'the grace goes on');
  await look('enforce', 6);
  assert.deepEqual([await debts(), tokens()], [['unentitled done'], 0]);
});

test('who left twice while it waited owes the tokens of before all the same', async (t) => {
  const { change, drop, look, tokens, debts } = await joined(t);
  await drop('ci-pay-dev', 'ana');
  await look('enforce');
  await change('ana', { active: false });
  await look('observe', 20);
  await change('ana', { active: true });
  await change('ana', { active: false });
  await look('observe', 1);
  await change('ana', { active: true });
  await look('enforce', 40);
  await look('enforce');
  assert.deepEqual([await debts(), tokens()], [['unentitled done'], 0]);
});

test('who comes back to a grant keeps the tokens, whatever was before the departure', async (t) => {
  const { add, change, drop, look, tokens, debts } = await joined(t);
  await drop('ci-pay-dev', 'ana');
  await look('enforce');
  await change('ana', { active: false });
  await look('observe', 20);
  await add('ci-pay-dev', 'ana');
  await change('ana', { active: true });
  await look('enforce', 20);
  await look('enforce', 60);
  assert.deepEqual([await debts(), tokens()], [['leaver cancelled'], 1]);
});

test('who comes back without the group of before has no grant any more from then', async (t) => {
  const { change, drop, look, tokens, debts } = await joined(t);
  await change('ana', { active: false });
  await look('observe', 20);
  await drop('ci-pay-dev', 'ana');
  await change('ana', { active: true });
  await look('enforce', 20);
  assert.deepEqual([await debts(), tokens()], [['unentitled open'], 1]);
  await look('enforce', 61);
  assert.deepEqual([await debts(), tokens()], [['unentitled done'], 0]);
});

test('who never had a grant and comes back while the departure waits keeps the tokens', async (t) => {
  const { change, person, practice, look, debts } = await joined(t);
  await person('bo');
  practice.hands.mintToken('bo');
  await look('enforce');
  await change('bo', { active: false });
  await look('observe', 20);
  await change('bo', { active: true });
  await look('enforce', 20);
  await look('enforce', 61);
  assert.deepEqual([await debts(), practice.look.person('bo').tokens], [['leaver cancelled'], 1]);
});
