import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportLedger } from '../../../src/ledger/reading.ts';
import { adopt } from '../../../src/sync/orders/adoption.ts';
import { recover } from '../../../src/sync/orders/recover.ts';
import { entryRows } from '../rows.ts';
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

test('the ledger names what was adopted, with its reasons: a lost database gets that back, too', async (t) => {
  const world = await syncWorld(t, { start: false });
  const definition = { type: 'item', pattern: '^pay(/.*)?$', permissions: ['hudson.model.Item.Read'] } as const;
  world.practice.hands.defineRole({ ...definition, name: 'pay-developer' });
  world.practice.hands.grant('pay-developer', 'ana');
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  assert.equal(await adopt(world.context, await world.assess(), undefined), 2);
  await world.ledger.seal();
  const role = (await world.ledger.records(1, 500)).find(({ kind }) => kind === 'role.adopted');
  assert.deepEqual([role?.body.role, role?.body.permissions], ['item:pay-developer', definition.permissions]);
  const [entry] = await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 1);
  assert.deepEqual(
    [entry?.kind, entry?.body.role, entry?.body.entry, entry?.personal?.jenkinsId],
    ['grant.adopted', 'item:pay-developer', 'user', 'ana'],
  );
  assert.equal((entry!.body.reasons as { rule: string }[])[0]?.rule, 'developers');
  const lines: string[] = [];
  await exportLedger(world.ledger, (text) => void lines.push(text));
  const owned = async () => ({
    roles: (await world.store.read((db) => db.selectFrom('owned_roles').select('role_name').execute()))
      .map(({ role_name }) => role_name)
      .toSorted(),
    entries: (await entryRows(world)).map(({ sid, role_name, standing, since, person }) => ({
      sid,
      role_name,
      standing,
      since,
      person,
    })),
  });
  const before = await owned();
  await world.store.write(async ({ db }) => {
    await db.deleteFrom('entries').execute();
    await db.deleteFrom('owned_roles').execute();
  });
  await recover(world.context, lines);
  assert.deepEqual(await owned(), before, 'as made by hand, still: no credential gave it');
});
