import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { SignJWT } from 'jose';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { jwt } from '../../src/config/jwt.ts';
import { createCredentials } from '../../src/credentials/createCredentials.ts';
import { createExternalTokens } from '../../src/credentials/external/externalTokens.ts';
import { createRotations } from '../../src/credentials/rotations.ts';
import { openStore } from '../../src/store/open.ts';
import { LEASE_MS, takeLease } from '../../src/sync/lease/lease.ts';
import { bearer, FakeKeys } from '../credentials/world.ts';
import { seededRandom } from '../sim/time.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';

const skip = postgresMissing ?? false;
const MINUTE = 60_000;
/** How far the clocks of three machines are off; more than a lease, a grace and what JWTs are forgiven. */
const OFF = { slow: -10 * MINUTE, right: 0, fast: 10 * MINUTE } as const;
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const issuer = jwt.parse({
  issuer: 'https://issuer.example.test/',
  audience: 'scim',
  caller: { claim: 'azp', value: 'provisioner' },
  jwks: 'https://issuer.example.test/keys',
});

/** A service on a machine whose clock is off, as the product puts it together: its time is that of the store. */
async function replica(t: TestContext, url: string, off: number) {
  const machine = { now: () => systemClock.now() + off, monotonic: () => systemClock.monotonic() };
  const store = await openStore(url, { clock: machine, timers: systemTimers, log: SILENT });
  t.after(() => store.close());
  const { clock } = store;
  const keys = { current: 1, byVersion: new Map([[1, new Uint8Array(32).fill(1)]]) };
  const recorder = { record: async () => {} };
  const deps = { store, keys, clock, random: seededRandom(off), recorder, log: SILENT };
  const http = new FakeKeys([{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig' }]);
  const connections = [{ name: 'okta' }, { name: 'other', jwt: issuer }];
  const external = createExternalTokens({ connections, http, store, clock, log: SILENT });
  const credentials = createCredentials({ ...deps, external });
  const before = { ...clock, now: () => clock.now() - 2 * MINUTE };
  /** As it was two minutes ago: what it made then may be over by now. */
  const earlier = createCredentials({ ...deps, clock: before });
  const opens = (token: string | null): Promise<boolean> =>
    credentials.verify(bearer(token ?? ''), 'scim', '192.0.2.1').then(
      () => true,
      () => false,
    );
  return { store, clock, credentials, earlier, rotations: createRotations(deps), opens };
}

async function fleet(t: TestContext) {
  const url = await temporaryDatabase(t);
  const [slow, right, fast] = [
    await replica(t, url, OFF.slow),
    await replica(t, url, OFF.right),
    await replica(t, url, OFF.fast),
  ];
  return { slow, right, fast, all: [slow, right, fast] };
}

/** Milliseconds that a few round trips may take on a busy machine; far below what the clocks are off by. */
const ROUND_TRIPS = 2 * MINUTE;

test('postgres: the time of a service is that of the server, however far the clock of its machine is off', {
  skip,
}, async (t) => {
  const { all } = await fleet(t);
  for (const { clock } of all) assert.ok(Math.abs(clock.now() - systemClock.now()) < ROUND_TRIPS);
});

test('postgres: a clock of the machine that is set moves no time of the service, not even until the server is asked again', {
  skip,
}, async (t) => {
  let off = 0;
  const machine = { now: () => systemClock.now() + off, monotonic: () => systemClock.monotonic() };
  const store = await openStore(await temporaryDatabase(t), { clock: machine, timers: systemTimers, log: SILENT });
  t.after(() => store.close());
  for (const set of [60, -60, 24 * 60]) {
    off = set * MINUTE;
    assert.ok(Math.abs(store.clock.now() - systemClock.now()) < ROUND_TRIPS);
    assert.ok(Number.isInteger(store.clock.now()));
  }
});

test('postgres: a credential expires on all replicas together', { skip }, async (t) => {
  const { slow, right, fast, all } = await fleet(t);
  const at = (minutes: number): string => new Date(right.clock.now() + minutes * MINUTE).toISOString();
  const living = await slow.credentials.create({ kind: 'scim', connection: 'okta', expiresAt: at(5) }, 'ana');
  const dead = await fast.earlier.create({ kind: 'scim', connection: 'okta', expiresAt: at(-1) }, 'ana');
  for (const { opens } of all) assert.deepEqual([await opens(living.token), await opens(dead.token)], [true, false]);
});

test('postgres: the grace of a rotation counts from the first use on whichever replica, by one clock', {
  skip,
}, async (t) => {
  const { slow, right, fast, all } = await fleet(t);
  for (const [started, used] of [
    [slow, fast],
    [fast, slow],
  ] as const) {
    const old = await started.credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
    const next = await started.rotations.start({ id: old.id, grace: 5 * MINUTE }, 'ana');
    const before = right.clock.now();
    assert.equal(await used.opens(next.token), true);
    let endsAt: string | null | undefined;
    while (endsAt === undefined || endsAt === null)
      endsAt = (await right.credentials.list()).find(({ id }) => id === old.id)?.rotation?.endsAt;
    const grace = Date.parse(endsAt) - before;
    assert.ok(grace >= 5 * MINUTE - 1000 && grace < 5 * MINUTE + ROUND_TRIPS, String(grace));
    for (const { opens } of all) assert.deepEqual([await opens(old.token), await opens(next.token)], [true, true]);
    for (const { rotations } of all) assert.equal(await rotations.sweep(), 0, 'no replica ends it early');
  }
});

test('postgres: a lease is nobody else’s before it is over, and not for longer', { skip }, async (t) => {
  const { slow, right, fast } = await fleet(t);
  const holder = (name: string) => ({ name, alive: () => true });
  for (const [controller, holding, waiting] of [
    ['one', slow, fast],
    ['two', fast, slow],
  ] as const) {
    const held = await takeLease(holding.store, holding.clock, holder('a'), controller);
    assert.ok(Math.abs(held!.expiresAt - right.clock.now() - LEASE_MS) < ROUND_TRIPS);
    if (right.clock.now() < held!.expiresAt - 5_000)
      assert.equal(await takeLease(waiting.store, waiting.clock, holder('b'), controller), undefined);
    await right.store.write(async ({ db }) => {
      await db
        .updateTable('leases')
        .set({ expires_ms: right.clock.now() - 5_000 })
        .where('controller', '=', controller)
        .execute();
    });
    assert.ok((await takeLease(waiting.store, waiting.clock, holder('b'), controller))!.fence > held!.fence);
  }
});

test('postgres: JWTs are held against the time of the server', { skip }, async (t) => {
  const { right, all } = await fleet(t);
  const sign = (from: number, until: number): Promise<string> => {
    const seconds = (minutes: number): number => Math.floor(right.clock.now() / 1000) + minutes * 60;
    return new SignJWT({
      iss: issuer.issuer,
      aud: issuer.audience,
      azp: 'provisioner',
      iat: seconds(from),
      nbf: seconds(from),
      exp: seconds(until),
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'JWT' })
      .sign(pair.privateKey);
  };
  for (const { opens } of all)
    assert.deepEqual(
      [await opens(await sign(-1, 5)), await opens(await sign(-9, -5)), await opens(await sign(5, 9))],
      [true, false, false],
    );
});
