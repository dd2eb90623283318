import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '../../src/access/within.ts';
import { createMeter } from '../../src/server/meter.ts';
import { SimulatedTime } from '../sim/time.ts';
import { serviceWorld } from './world.ts';

/** The value of one series. */
function value(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

test('every number of the port shows up under its name', async () => {
  const time = new SimulatedTime();
  const meter = createMeter(time);
  meter.effective('ci-main', 0.02);
  meter.effective('ci-main', 2);
  meter.trip('ci-main', 'revokeGrants');
  meter.older('ci-main', true);
  meter.older('ci-main', false);
  meter.older('ci-main', false);
  meter.oldestLeaver(61);
  meter.controller('ci-main', { open: true, waiting: 4 });
  meter.answered('user.create', 201, 0.004);
  meter.refused('scim', 'AUTH_INVALID');
  meter.pushed('okta', time.now());
  meter.pushed('okta', time.now() - 500);
  await time.advance(90_000);
  const text = await meter.text();
  const expected: Record<string, number> = {
    'jenkins_scim_effective_seconds_count{controller="ci-main"}': 2,
    'jenkins_scim_effective_seconds_bucket{le="0.025",controller="ci-main"}': 1,
    'jenkins_scim_guard_trips_total{controller="ci-main",ceiling="revokeGrants"}': 1,
    'jenkins_scim_older_credentials_total{controller="ci-main",taken_over="yes"}': 1,
    'jenkins_scim_older_credentials_total{controller="ci-main",taken_over="no"}': 2,
    jenkins_scim_oldest_leaver_seconds: 61,
    'jenkins_scim_breaker_open{controller="ci-main"}': 1,
    'jenkins_scim_waiting{controller="ci-main"}': 4,
    'jenkins_scim_request_seconds_count{operation="user.create",status="201"}': 1,
    'jenkins_scim_refused_total{access="scim",code="AUTH_INVALID"}': 1,
    'jenkins_scim_last_push_age_seconds{connection="okta"}': 90,
  };
  for (const [series, wanted] of Object.entries(expected)) assert.equal(value(text, series), wanted, series);
  assert.ok(value(text, 'process_resident_memory_bytes')! > 1e6);
});

test('what is held is asked for with each reading; where that fails the other numbers are told', async () => {
  const meter = createMeter(new SimulatedTime());
  let steps = 4;
  meter.held(async () => {
    if (steps === 0) throw new Error('the database is away');
    return [{ controller: 'ci-main', until: 'release', steps }];
  });
  const series = 'jenkins_scim_held{controller="ci-main",until="release"}';
  assert.equal(value(await meter.text(), series), 4);
  steps = 2;
  assert.equal(value(await meter.text(), series), 2);
  steps = 0;
  const text = await meter.text();
  assert.equal(value(text, series), undefined);
  assert.equal(value(text, 'jenkins_scim_oldest_leaver_seconds'), 0);
});

test('only the newest head of the ledger is shown', async () => {
  const meter = createMeter(new SimulatedTime());
  meter.head({ seq: 1, hash: 'aa' });
  meter.head({ seq: 9, hash: 'bb' });
  const text = await meter.text();
  assert.equal(value(text, 'jenkins_scim_ledger_head_seq{hash="bb"}'), 9);
  assert.doesNotMatch(text, /"aa"/);
});

test('two services in one process do not share numbers', async () => {
  const [one, other] = [createMeter(new SimulatedTime()), createMeter(new SimulatedTime())];
  one.trip('c', 'x');
  assert.match(await one.text(), /ceiling="x"/);
  assert.doesNotMatch(await other.text(), /ceiling="x"/);
});

test('metrics are read with a token of their own, and count what was turned away', async (t) => {
  const { app, token } = await serviceWorld(t);
  const headers = await token({ kind: 'metrics' });
  await app.inject({ url: '/scim/v2/Users', headers });
  await app.inject({ url: '/scim/v2/Users', headers: await token({ kind: 'scim', connection: 'okta' }) });
  const answer = await app.inject({ url: '/metrics', headers });
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.equal(value(answer.body, 'jenkins_scim_refused_total{access="scim",code="AUTH_INVALID"}'), 1);
  assert.equal(value(answer.body, 'jenkins_scim_last_push_age_seconds{connection="okta"}'), 0);
});

test('who may only read has pushed nothing', async (t) => {
  const { app, token } = await serviceWorld(t);
  const scopes = { okta: ['users:read', 'groups:read'], entra: ['groups:read', 'users:write'] } as const;
  for (const [connection, own] of Object.entries(scopes))
    await app.inject({ url: '/scim/v2/Users', headers: await token({ kind: 'scim', connection, scopes: [...own] }) });
  const { body } = await app.inject({ url: '/metrics', headers: await token({ kind: 'metrics' }) });
  const told = [...body.matchAll(/last_push_age_seconds\{connection="(\w+)"\}/g)].map(([, connection]) => connection);
  assert.deepEqual(told, ['entra']);
});

test('the time until a credential ends is told by id, and what is gone is told no more', async () => {
  const time = new SimulatedTime();
  const meter = createMeter(time);
  const token = { id: 't1', kind: 'scim', connection: 'okta', endsAt: time.now() + 90_000 };
  meter.credentials([token, { id: 't2', kind: 'metrics', connection: null, endsAt: time.now() - 1_000 }]);
  await time.advance(30_000);
  const name = 'jenkins_scim_token_expires_seconds';
  const text = await meter.text();
  assert.equal(value(text, `${name}{id="t1",kind="scim",connection="okta"}`), 60);
  assert.equal(value(text, `${name}{id="t2",kind="metrics",connection=""}`), -31);
  meter.credentials([token]);
  assert.ok(!(await meter.text()).includes('id="t2"'));
});

test('the numbers do not wait for a database that does not answer', async () => {
  const time = new SimulatedTime();
  const meter = createMeter(time);
  meter.held(() => within(1_000, time, Promise.withResolvers<never>().promise));
  meter.trip('ci', 'losses.revokeGrants');
  const text = meter.text();
  await time.advance(1_000);
  assert.equal(value(await text, 'jenkins_scim_guard_trips_total{controller="ci",ceiling="losses.revokeGrants"}'), 1);
  assert.ok(!(await text).includes('jenkins_scim_held{'));
});
