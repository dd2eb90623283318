import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createCredentials } from '../../src/credentials/createCredentials.ts';
import { createRotations } from '../../src/credentials/rotations.ts';
import { formatToken, parseToken } from '../../src/credentials/tokenText.ts';
import { settle } from '../sim/time.ts';
import { bearer, code, credentialWorld } from './world.ts';

const DAY = 86_400_000;

async function started(t: TestContext, grace?: number) {
  const made = await credentialWorld(t);
  const order = { kind: 'scim', connection: 'okta', scopes: ['users:read'], networks: ['10.0.0.0/8'] } as const;
  const old = await made.credentials.create(order, 'ana');
  const next = await made.rotations.start({ id: old.id, ...(grace === undefined ? {} : { grace }) }, 'ana');
  const opens = (token: string | null): Promise<boolean> =>
    made.credentials.verify(bearer(token ?? ''), 'scim', '10.1.2.3').then(
      () => true,
      () => false,
    );
  const use = async (token: string | null): Promise<void> => {
    await made.credentials.verify(bearer(token ?? ''), 'scim', '10.1.2.3');
    await settle();
  };
  return { ...made, old, next, opens, use };
}

test('start makes a second one with the rights of the first, and both open', async (t) => {
  const { old, next, opens, credentials } = await started(t);
  assert.equal(next.replaces, old.id);
  assert.deepEqual([next.kind, next.connection, next.scopes], ['scim', 'okta', ['users:read']]);
  assert.deepEqual(next.networks, ['10.0.0.0/8']);
  assert.deepEqual([await opens(old.token), await opens(next.token)], [true, true]);
  const places = (await credentials.list()).map(({ rotation }) => rotation);
  assert.deepEqual(new Set(places.map((place) => place?.role)), new Set(['predecessor', 'successor']));
});

test('never more than two live: a rotation of either cannot start while one is under way', async (t) => {
  const { old, next, rotations } = await started(t);
  for (const id of [old.id, next.id]) await assert.rejects(rotations.start({ id }, 'ana'), code('AUTH_ROTATION'), id);
});

test('of several that start together one wins', async (t) => {
  const { credentials, rotations } = await credentialWorld(t);
  const { id } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  const all = await Promise.allSettled([1, 2, 3, 4].map(() => rotations.start({ id }, 'ana')));
  assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.equal((await credentials.list()).length, 2);
});

test('complete ends the old one at once, by the id of either', async (t) => {
  for (const which of ['old', 'next'] as const) {
    const made = await started(t);
    const end = await made.rotations.complete(made[which].id, 'ana');
    assert.deepEqual(end, { kept: made.next.id, revoked: made.old.id, used: false });
    assert.deepEqual([await made.opens(made.old.token), await made.opens(made.next.token)], [false, true]);
    await made.rotations.start({ id: made.next.id }, 'ana');
  }
});

test('cancel ends the new one at once, and the old one may be rotated again', async (t) => {
  const { old, next, opens, rotations } = await started(t);
  assert.deepEqual(await rotations.cancel(old.id, 'ana'), { kept: old.id, revoked: next.id, used: false });
  assert.deepEqual([await opens(old.token), await opens(next.token)], [true, false]);
  await rotations.start({ id: old.id }, 'ana');
});

test('cancelled after the new one was used, the old one lives on beyond the grace, and others never had one', async (t) => {
  const { old, next, opens, use, time, rotations, credentials } = await started(t);
  const third = await credentials.create({ kind: 'metrics' }, 'ana');
  await use(next.token);
  await rotations.cancel(old.id, 'ana');
  await time.advance(2 * DAY);
  assert.deepEqual([await opens(old.token), await opens(next.token)], [true, false]);
  await credentials.verify(bearer(third.token), 'metrics');
  assert.equal(await rotations.sweep(), 0);
  assert.equal(await opens(old.token), true);
});

test('while the grace of one runs out, nobody else is touched', async (t) => {
  const { old, next, use, time, credentials, rotations } = await started(t);
  const third = await credentials.create({ kind: 'metrics' }, 'ana');
  await use(next.token);
  await time.advance(2 * DAY);
  await credentials.verify(bearer(third.token), 'metrics');
  assert.equal(await rotations.sweep(), 1);
  const live = (await credentials.list()).filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id);
  assert.deepEqual(new Set(live), new Set([next.id, third.id]));
  assert.ok(!live.includes(old.id));
});

test('rotations of several credentials go their own ways', async (t) => {
  const { credentials, rotations, time, recorded } = await credentialWorld(t);
  const start = async (connection: string) => {
    const old = await credentials.create({ kind: 'scim', connection }, 'ana');
    return { old, next: await rotations.start({ id: old.id, grace: DAY }, 'ana') };
  };
  const [waiting, used, completed, cancelled] = [
    ...[await start('a'), await start('b'), await start('c'), await start('d')],
  ] as const;
  await credentials.verify(bearer(used.next.token ?? ''), 'scim');
  await settle();
  const endsAt = new Date(time.now() + DAY).toISOString();
  const { body } = recorded.at(-1)!;
  assert.deepEqual([body.predecessor, body.predecessorEndsAt], [used.old.id, endsAt]);
  assert.equal((await rotations.complete(completed.next.id, 'ana')).revoked, completed.old.id);
  assert.equal((await rotations.cancel(cancelled.old.id, 'ana')).revoked, cancelled.next.id);
  const places = async () =>
    new Map((await credentials.list()).map(({ id, rotation, revokedAt }) => [id, { rotation, revokedAt }]));
  const between = await places();
  assert.equal(between.get(waiting.old.id)?.rotation?.endsAt, null);
  assert.equal(between.get(used.old.id)?.rotation?.endsAt, endsAt);
  for (const { old, next } of [completed, cancelled])
    for (const { id } of [old, next]) assert.equal(between.get(id)?.rotation, undefined);
  const again = await rotations.start({ id: cancelled.old.id }, 'ana');
  await time.advance(DAY);
  assert.equal(await rotations.sweep(), 1);
  const after = await places();
  const live = [...after].filter(([, { revokedAt }]) => revokedAt === null).map(([id]) => id);
  const expected = [waiting.old, waiting.next, used.next, completed.next, cancelled.old, again];
  assert.deepEqual(new Set(live), new Set(expected.map(({ id }) => id)));
  assert.equal(after.get(completed.old.id)?.revokedAt, new Date(time.now() - DAY).toISOString());
  assert.equal(after.get(waiting.next.id)?.rotation?.other, waiting.old.id);
  for (const { token } of [waiting.old, waiting.next]) await credentials.verify(bearer(token ?? ''), 'scim');
  assert.equal((await rotations.complete(waiting.old.id, 'ana')).kept, waiting.next.id);
});

test('the old one lives until a grace after the first use of the new one, not a millisecond longer', async (t) => {
  const { old, next, opens, use, time, credentials } = await started(t);
  await time.advance(30 * DAY);
  assert.equal(await opens(old.token), true, 'nobody used the new one');
  await use(next.token);
  await time.advance(10_000_000);
  await use(next.token);
  const place = (await credentials.list()).find(({ id }) => id === old.id)?.rotation;
  assert.equal(place?.endsAt, new Date(time.now() - 10_000_000 + DAY).toISOString(), 'counted from the first use');
  await time.advance(DAY - 10_000_001);
  assert.equal(await opens(old.token), true);
  await time.advance(1);
  assert.deepEqual([await opens(old.token), await opens(next.token)], [false, true]);
});

test('the grace can be chosen; with none the old one ends with the first use', async (t) => {
  const { old, next, opens, use } = await started(t, 0);
  assert.equal(await opens(old.token), true);
  await use(next.token);
  assert.deepEqual([await opens(old.token), await opens(next.token)], [false, true]);
});

test('a grace of more than 30 days, or none at all, is refused', async (t) => {
  const { credentials, rotations } = await credentialWorld(t);
  const { id } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  for (const grace of [-1, 31 * DAY, Number.NaN])
    await assert.rejects(rotations.start({ id, grace }, 'ana'), code('AUTH_ROTATION'));
});

test('the sweep revokes what a grace has ended, once, so that SQL cannot bring it back', async (t) => {
  const { old, next, opens, use, time, rotations, store, recorded } = await started(t);
  assert.equal(await rotations.sweep(), 0);
  await use(next.token);
  await time.advance(DAY);
  assert.equal(await rotations.sweep(), 1);
  assert.equal(await rotations.sweep(), 0);
  await store.write(async ({ db }) => {
    await db.deleteFrom('rotations').execute();
    await db.updateTable('tokens').set({ revoked_at: null }).execute();
  });
  assert.deepEqual([await opens(old.token), await opens(next.token)], [false, true]);
  assert.equal(recorded.filter(({ kind }) => kind === 'credential.rotation.completed').length, 1);
});

test('a sweep that finds nothing due writes nothing, whatever ended before', async (t) => {
  const { next, use, time, store, rotations, ...made } = await started(t);
  await use(next.token);
  await time.advance(DAY);
  assert.equal(await rotations.sweep(), 1);
  const read = { ...store, write: () => Promise.reject(new Error('a write')) };
  assert.equal(await createRotations({ ...made, time, store: read } as never).sweep(), 0);
});

test('of two replicas that see a first use at once one notes it', async (t) => {
  const made = await started(t);
  const replicas = [createCredentials(made), createCredentials(made)];
  await Promise.all(replicas.map((one) => one.verify(bearer(made.next.token ?? ''), 'scim', '10.1.2.3')));
  await settle();
  assert.equal(made.recorded.filter(({ kind }) => kind === 'credential.rotation.used').length, 1);
});

test('how a rotation ended stays, whatever becomes of the two later', async (t) => {
  const { old, next, rotations, credentials, store } = await started(t);
  const third = await rotations.cancel(old.id, 'ana').then(() => rotations.start({ id: old.id }, 'ana'));
  await rotations.complete(old.id, 'ana');
  await credentials.revoke(third.id, 'ana');
  const rows = await store.read((db) => db.selectFrom('rotations').selectAll().execute());
  const states = new Map(rows.map(({ successor, state }) => [successor, state]));
  assert.deepEqual([states.get(next.id), states.get(third.id)], ['cancelled', 'completed']);
});

test('while the clock cannot be trusted a later use is noted, too: it ends nothing', async (t) => {
  const { old, opens, use, leap, time, credentials, later } = await started(t);
  await use(old.token);
  await time.advance(300_000);
  leap(300 * DAY);
  await use(old.token);
  const used = (await credentials.list()).find(({ id }) => id === old.id)?.lastUsedAt;
  assert.equal(used, later(300 * DAY));
  assert.equal(await opens(old.token), true);
});

test('of replicas that sweep at once one ends a rotation', async (t) => {
  const { next, use, time, rotations, recorded } = await started(t);
  await use(next.token);
  await time.advance(DAY);
  const ended = await Promise.all([rotations.sweep(), rotations.sweep(), rotations.sweep()]);
  assert.deepEqual(ended.toSorted(), [0, 0, 1]);
  assert.equal(recorded.filter(({ kind }) => kind === 'credential.rotation.completed').length, 1);
});

test('a clock that leaps ends no grace for good, and a first use in that time does not set its end', async (t) => {
  const { old, next, opens, use, time, leap, rotations, credentials } = await started(t);
  const endsAt = async () => (await credentials.list()).find(({ id }) => id === old.id)?.rotation?.endsAt;
  leap(300 * DAY);
  await use(next.token);
  assert.equal(await endsAt(), null);
  leap(-300 * DAY);
  await time.advance(300_000);
  await use(next.token);
  assert.equal(await endsAt(), new Date(time.now() + DAY).toISOString());
  leap(300 * DAY);
  assert.equal(await rotations.sweep(), 0);
  leap(-300 * DAY);
  assert.equal(await opens(old.token), true);
  await time.advance(DAY);
  assert.equal(await rotations.sweep(), 1);
});

test('a first use while the clock is behind does not end the old one when it is right again', async (t) => {
  const { old, next, opens, use, time, leap, store } = await started(t);
  await store.write(({ db }) => db.updateTable('clock').set({ highest_ms: time.now() }).execute());
  leap(-300 * DAY);
  await use(next.token);
  leap(300 * DAY);
  assert.equal(await opens(old.token), true);
});

test('a revocation of one of the two ends the rotation', async (t) => {
  for (const which of ['old', 'next'] as const) {
    const made = await started(t);
    const other = which === 'old' ? 'next' : 'old';
    await made.credentials.revoke(made[which].id, 'ana');
    assert.deepEqual([await made.opens(made[which].token), await made.opens(made[other].token)], [false, true]);
    await assert.rejects(made.rotations.complete(made[other].id, 'ana'), code('AUTH_ROTATION'));
    await assert.rejects(made.rotations.cancel(made[other].id, 'ana'), code('AUTH_ROTATION'));
    await made.rotations.start({ id: made[other].id }, 'ana');
  }
});

test('cancel is refused where nothing would be left', async (t) => {
  const { next, use, time, rotations, old } = await started(t);
  await use(next.token);
  await time.advance(DAY);
  await assert.rejects(rotations.cancel(old.id, 'ana'), code('AUTH_ROTATION'));
});

test('cancel is refused where the old one has expired; where both have, the rotation can be completed', async (t) => {
  const { credentials, rotations, time, later } = await credentialWorld(t);
  const expiresAt = later(60_000);
  const old = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt }, 'ana');
  const next = await rotations.start({ id: old.id, expiresAt }, 'ana');
  await time.advance(60_000);
  await assert.rejects(rotations.cancel(next.id, 'ana'), code('AUTH_ROTATION'));
  assert.equal((await rotations.complete(next.id, 'ana')).kept, next.id);
});

test('complete is refused where nothing would be left: the new one has expired, the old one has not', async (t) => {
  const { credentials, rotations, time, later } = await credentialWorld(t);
  const old = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  const next = await rotations.start({ id: old.id, expiresAt: later(60_000) }, 'ana');
  await time.advance(60_000);
  for (const id of [old.id, next.id])
    await assert.rejects(rotations.complete(id, 'ana'), (error: Error) => {
      assert.match(error.message, new RegExp(`the new one, ${next.id}, has expired`));
      return code('AUTH_ROTATION')(error);
    });
  assert.equal((await credentials.verify(bearer(old.token), 'scim', undefined)).id, old.id);
  await rotations.cancel(old.id, 'ana');
  await rotations.start({ id: old.id }, 'ana');
});

test('what is revoked, expired, unknown or not in a rotation is refused by name', async (t) => {
  const { credentials, rotations, time, later } = await credentialWorld(t);
  const revoked = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  await credentials.revoke(revoked.id, 'ana');
  const expired = await credentials.create({ kind: 'metrics', expiresAt: later(1) }, 'ana');
  const alone = await credentials.create({ kind: 'metrics' }, 'ana');
  await time.advance(1);
  for (const { id } of [revoked, expired]) await assert.rejects(rotations.start({ id }, 'ana'), code('AUTH_ROTATION'));
  for (const step of ['complete', 'cancel'] as const) {
    await assert.rejects(rotations[step](alone.id, 'ana'), code('AUTH_ROTATION'));
    await assert.rejects(rotations[step]('nobody', 'ana'), code('AUTH_UNKNOWN'));
  }
  await assert.rejects(rotations.start({ id: 'nobody' }, 'ana'), code('AUTH_UNKNOWN'));
});

test('each step is a record, and none holds a secret', async (t) => {
  const { next, use, rotations, recorded, old } = await started(t);
  await use(next.token);
  await rotations.complete(old.id, 'bo');
  const kinds = recorded.map(({ kind, actor }) => `${kind} ${actor}`);
  assert.deepEqual(kinds, [
    'credential.created ana',
    'credential.rotation.started ana',
    `credential.rotation.used ${next.id}`,
    'credential.rotation.completed bo',
  ]);
  const networks = ['10.0.0.0/8'];
  const [, start, used, end] = recorded.map(({ body }) => body);
  assert.deepEqual([start?.replaces, start?.grace, start?.networks], [old.id, DAY, networks]);
  assert.deepEqual([used?.predecessor, used?.networks], [old.id, networks]);
  assert.deepEqual([end?.kept, end?.networks], [next.id, networks]);
  const secret = Buffer.from(parseToken(next.token ?? '')!.secret).toString('hex');
  assert.ok(!JSON.stringify(recorded).includes(secret));
});

test('a first use that could not be stored is stored with a later one', async (t) => {
  const made = await started(t);
  let full = true;
  const store: typeof made.store = {
    ...made.store,
    read: (work) => made.store.read(work),
    write: (work) => (full ? Promise.reject(new Error('full')) : made.store.write(work)),
  };
  const credentials = createCredentials({ ...made, store });
  const use = async (): Promise<string | null | undefined> => {
    await credentials.verify(bearer(made.next.token ?? ''), 'scim', '10.1.2.3');
    await settle();
    return (await credentials.list()).find(({ id }) => id === made.old.id)?.rotation?.endsAt;
  };
  assert.equal(await use(), null);
  assert.equal(await made.opens(made.old.token), true);
  full = false;
  await made.time.advance(300_000);
  assert.equal(await use(), new Date(made.time.now() + DAY).toISOString());
});

test('the log tells which one was refused and why, of a wrong secret and an unknown one nothing', async (t) => {
  const { old, next, opens, use, told, rotations, credentials, time, later } = await started(t, 3_600_000);
  const refused = async (token: string | null): Promise<unknown[]> => {
    told.length = 0;
    assert.equal(await opens(token), false);
    assert.ok(!JSON.stringify(told).includes(token!.slice(-20)), 'nothing of a secret');
    return told.filter(({ message }) => message === 'a token was refused').map(({ fields }) => fields);
  };
  const metrics = await credentials.create({ kind: 'metrics' }, 'ana');
  const short = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt: later(1000) }, 'ana');
  assert.deepEqual(await refused(metrics.token), [
    { credential: metrics.id, reason: 'it is of the kind metrics, and scim is wanted here' },
  ]);
  await use(next.token);
  const ends = later(3_600_000);
  await time.advance(3_600_000);
  assert.deepEqual(await refused(short.token), [{ credential: short.id, reason: `it expired at ${short.expiresAt}` }]);
  const replaced = `its successor is in use, and its grace ended at ${ends}`;
  assert.deepEqual(await refused(old.token), [{ credential: old.id, reason: replaced }]);
  await rotations.sweep();
  assert.deepEqual(await refused(old.token), [{ credential: old.id, reason: `it was revoked at ${later(0)}` }]);
  const parts = parseToken(next.token!)!;
  assert.deepEqual(await refused(formatToken({ ...parts, secret: new Uint8Array(32) })), []);
  assert.deepEqual(await refused(formatToken({ ...parts, id: '00000000-0000-4000-8000-000000000000' })), []);
  assert.equal(await opens(next.token), true);
});
