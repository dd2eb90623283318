import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportLedger } from '../../../src/ledger/reading.ts';
import { recover } from '../../../src/sync/orders/recover.ts';
import { eventually, syncWorld } from '../world.ts';

test('recover --ledger rebuilds ownership after a lost database, and every controller is on hold', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.stop();
  const lines: string[] = [];
  await world.ledger.seal();
  await exportLedger(world.ledger, (text) => void lines.push(text));
  const owned = () => world.store.read((db) => db.selectFrom('entries').selectAll().execute());
  const roles = () => world.store.read((db) => db.selectFrom('owned_roles').selectAll().execute());
  const before = [(await owned()).length, (await roles()).length];
  await world.store.write(async ({ db }) => {
    await db.deleteFrom('entries').execute();
    await db.deleteFrom('owned_roles').execute();
  });
  const looks = () => world.store.read((db) => db.selectFrom('token_uses').select('tokens').execute());
  assert.notEqual((await looks())[0]!.tokens, null);
  const found = await recover(world.context, lines);
  assert.deepEqual(await looks(), [{ tokens: null }], 'what was asked since then is not counted');
  assert.deepEqual([found.entries, found.roles], before);
  assert.deepEqual(
    (await owned()).map(({ sid, standing, role_name, person, reasons }) => [
      ...[sid, standing, role_name, person],
      (JSON.parse(reasons) as { rule: string }[])[0]?.rule,
    ]),
    [['ana', 'owned', 'pay-developer', world.idOf('ana'), 'developers']],
  );
  const [row] = await world.store.read((db) => db.selectFrom('controllers').select('on_hold').execute());
  assert.equal(row!.on_hold, 1);
  assert.deepEqual(await recover(world.context, lines), { entries: 0, roles: 0 });
  await world.store.write(({ db }) => db.updateTable('controllers').set({ on_hold: 0 }).execute());
  await recover(world.context, ['{"kind":"policy.activated","at":"now","subject":null,"body":{}}']);
  const [again] = await world.store.read((db) => db.selectFrom('controllers').select('on_hold').execute());
  assert.equal(again!.on_hold, 1, 'an export that names no controller holds every one, too');
  const doubt = { seq: 3, line: 4, reason: 'it is missing' };
  await recover(world.context, lines, () => doubt);
  await world.ledger.seal();
  const recorded = (await world.ledger.records(1, 500)).filter(({ kind }) => kind === 'ownership.recovered');
  assert.deepEqual(recorded.at(-1)!.body.unproven, doubt, 'what was taken unproven is told');
  assert.equal(recorded[0]!.body.unproven, undefined);
  await assert.rejects(recover(world.context, ['{"kind":1}']), /line 1 of the export/);
  await world.store.write(({ db }) => db.updateTable('controllers').set({ on_hold: 0 }).execute());
  await assert.rejects(recover(world.context, ['']), /the export holds no record/);
  const [free] = await world.store.read((db) => db.selectFrom('controllers').select('on_hold').execute());
  assert.equal(free!.on_hold, 0, 'a file that was cut off, or another one, holds nobody');
});
