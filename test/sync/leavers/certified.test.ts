import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import type { Departure } from '../../../src/ledger/departures.ts';
import type { DebtsTable } from '../../../src/store/tables/sync.ts';
import { certificateOf, LET_GO, type LeaverCertificate } from '../../../src/sync/leavers/certificate.ts';
import { openTestStore } from '../../store/open.ts';

// What is stored of somebody's departures, and what the certificate makes of it.

const EARLY = '2026-11-01T00:00:00.000Z';
const LATE = '2026-11-02T00:00:00.000Z';
const DONE = '2026-11-02T00:00:05.000Z';

const CONFIG = `database: sqlite:./x.db
policy: ./policy.yaml
keys: ./keys
connections: { okta: { profile: okta } }
controllers:
  ci: { url: "http://127.0.0.1:1/", user: svc, apiToken: { env: T }, breakGlass: admin }
  other: { url: "http://127.0.0.1:2/", user: svc, apiToken: { env: T }, breakGlass: admin }
`;

const proven = (controller: string, more: Partial<Departure> = {}): Departure => ({
  ...{ controller, cause: 'leaver', receivedAt: LATE, missing: [] },
  ...more,
});

async function world(
  t: TestContext,
  debts: readonly Partial<DebtsTable>[],
  departures: readonly Departure[] = [],
  paused: readonly string[] = [],
) {
  const store = await openTestStore(t);
  const { config } = parseConfig(CONFIG, { file: 'jenkins-scim.yaml', folder: '/x', environment: {} }) as {
    config: Config;
  };
  await store.write(async ({ db }) => {
    for (const name of ['ci', 'other'])
      await db
        .insertInto('controllers')
        .values({ name, paused: paused.includes(name) ? 1 : 0, on_hold: 0, full_ms: 1 })
        .execute();
    for (const controller of paused)
      await db
        .insertInto('pending')
        .values({ controller, kind: 'user', id: 'p', seq: 1, marked_at: LATE, request: null })
        .execute();
    for (const debt of debts)
      await db
        .insertInto('debts')
        .values({
          ...{ controller: 'ci', folded_id: 'ana', id: 'ana', person: 'p', connection: 'okta', cause: 'leaver' },
          ...{ received_at: LATE, request: null, credential: null, state: 'done', due_ms: 0, started_at: LATE },
          ...{
            done_at: DONE,
            steps: '[]',
            missing: '[]',
            residual: '[]',
            attempts: 1,
            alarmed: 0,
            error: null,
            released: 0,
          },
          ...debt,
        })
        .execute();
  });
  return (state: LeaverCertificate['state'] = 'leaver') =>
    store.read((db) =>
      certificateOf(db, { id: 'p', connection: 'okta', userName: 'ana', state }, config, async () => departures),
    );
}

const shown = ({ controllers }: LeaverCertificate) =>
  controllers.map(({ name, residual, elapsedMs }) => `${name} ${elapsedMs} ${residual.join('; ')}`.trim());

test('complete is what every controller did and the ledger proves', async (t) => {
  const certificate = await world(t, [{}, { controller: 'other' }], [proven('ci'), proven('other')]);
  const whole = await certificate();
  assert.deepEqual(shown(whole), ['ci 5000', 'other 5000']);
  assert.deepEqual([whole.complete, whole.state, whole.receivedAt], [true, 'leaver', LATE]);
  assert.equal((await certificate('deleted')).complete, true);
});

test('one thing that is open, missing, held, let go of or not proven is enough to make it incomplete', async (t) => {
  const lacking: [Partial<DebtsTable>, string, readonly Departure[]][] = [
    [{ state: 'open', done_at: null }, 'other null', [proven('ci')]],
    [{ state: 'held', done_at: null, error: 'busy' }, 'other null last error: busy', [proven('ci')]],
    [{ state: 'cancelled', done_at: null, error: LET_GO }, `other null ${LET_GO}`, [proven('ci')]],
    [{ missing: '["end-sessions"]' }, 'other 5000', [proven('ci'), proven('other', { missing: ['end-sessions'] })]],
  ];
  for (const [debt, line, departures] of lacking) {
    const { complete, ...told } = await (await world(t, [{}, { controller: 'other', ...debt }], departures))();
    assert.equal(complete, false, line);
    assert.deepEqual(shown({ complete, ...told }), ['ci 5000', line]);
  }
});

test('a record proves one departure: of that controller, cause and time, with what was missing', async (t) => {
  const doubt = 'not proven: the ledger has no record that verifies of what is stored here';
  const others: readonly Departure[][] = [
    [],
    [proven('third')],
    [proven('other', { cause: 'old-id' })],
    [proven('other', { receivedAt: EARLY })],
    [proven('other', { missing: ['end-sessions'] })],
  ];
  for (const more of others) {
    const certificate = await (await world(t, [{}, { controller: 'other' }], [proven('ci'), ...more]))();
    assert.equal(certificate.complete, false);
    assert.deepEqual(shown(certificate), ['ci 5000', `other 5000 ${doubt}`]);
  }
  const two = [{ controller: 'other' }, {}, { folded_id: 'anna', id: 'anna' }];
  const one = await (await world(t, two, [proven('other'), proven('ci')]))();
  assert.deepEqual([one.complete, shown(one)], [false, ['ci 5000', `ci 5000 ${doubt}`, 'other 5000']]);
  const both = await (await world(t, two, [proven('other'), proven('ci'), proven('ci')]))();
  assert.equal(both.complete, true);
});

test('of somebody who left their departure counts, of somebody active what they gave up, which is never complete', async (t) => {
  const debts: Partial<DebtsTable>[] = [
    { folded_id: 'anna', id: 'anna', cause: 'old-id', received_at: EARLY, residual: '["old"]' },
    { cause: 'unentitled', residual: '["lately"]' },
    { folded_id: 'ann', cause: 'old-id', state: 'cancelled', residual: '["never"]' },
    { controller: 'other', residual: '["left"]' },
    { controller: 'other', person: 'q', residual: '["another"]' },
  ];
  const records = [proven('ci', { cause: 'old-id', receivedAt: EARLY }), proven('other')];
  const certificate = await world(t, debts, records);
  const active = await certificate('active');
  assert.deepEqual(shown(active), ['ci 86405000 old', 'ci 5000 lately']);
  assert.deepEqual([active.complete, active.receivedAt], [false, EARLY]);
  const left = await certificate();
  assert.deepEqual(shown(left), ['ci 86405000 old', 'other 5000 left']);
  assert.deepEqual([left.complete, left.receivedAt], [true, LATE], 'when they left, not when they were renamed');
  assert.deepEqual(
    left.controllers.map(({ formerId }) => formerId),
    ['anna', undefined],
    'what was cut at a former id is told apart from the departure',
  );
});

test('what was cut at a former id does not stand for a controller that has not looked at the departure', async (t) => {
  const former: Partial<DebtsTable> = { folded_id: 'anna', id: 'anna', cause: 'old-id', received_at: EARLY };
  const certificate = await world(t, [former], [proven('ci', { cause: 'old-id', receivedAt: EARLY })], ['ci']);
  const left = await certificate();
  assert.equal(left.complete, false);
  assert.deepEqual(
    left.controllers.map(({ name, formerId, steps, residual }) => [name, formerId, steps.length, residual.at(-1)]),
    [
      ['ci', 'anna', 0, 'not looked at: the controller is paused'],
      ['ci', undefined, 0, 'not looked at: the controller is paused'],
    ],
  );
});

test('who owes nothing anywhere, and whom every controller looked at, is done', async (t) => {
  const certificate = await (await world(t, []))();
  assert.deepEqual([certificate.complete, certificate.receivedAt], [true, null]);
});
