import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { TokenRecord } from '../../src/credentials/credentials.ts';
import { endOf, expiryOf, needsSuccessor } from '../../src/credentials/expiry.ts';
import { startCredentialWatch, WATCH_EVERY } from '../../src/credentials/watch.ts';
import { settle } from '../sim/time.ts';
import { bearer, credentialWorld } from './world.ts';

const DAY = 86_400_000;

async function watched(t: TestContext) {
  const made = await credentialWorld(t);
  const looks: (readonly string[])[] = [];
  const start = () => {
    const watch = startCredentialWatch({
      ...made,
      timers: made.time,
      onLook: (live) => looks.push(live.map(({ id }) => id)),
    });
    t.after(() => watch.stop());
    return watch;
  };
  const warnings = (id: string) =>
    made.told.filter(({ fields }) => fields.credential === id).map(({ level, message }) => `${level}: ${message}`);
  return { ...made, start, warnings, looks };
}

test('14 days and 3 days before the end, and after it', () => {
  const now = 100 * DAY;
  assert.equal(expiryOf(now + 14 * DAY + 1, now), 'fine');
  assert.equal(expiryOf(now + 14 * DAY, now), 'soon');
  assert.equal(expiryOf(now + 3 * DAY + 1, now), 'soon');
  assert.equal(expiryOf(now + 3 * DAY, now), 'urgent');
  assert.equal(expiryOf(now, now), 'expired');
  assert.equal(expiryOf(Number.POSITIVE_INFINITY, now), 'fine');
});

test('nobody has to act for what is revoked, nor for what ended more than 14 days ago', () => {
  const now = 100 * DAY;
  const token = (end: number, revokedAt: string | null = null) =>
    ({ expiresAt: new Date(end).toISOString(), revokedAt }) as TokenRecord;
  assert.equal(needsSuccessor(token(now), now), true);
  assert.equal(needsSuccessor(token(now - 14 * DAY + 1), now), true);
  assert.equal(needsSuccessor(token(now - 14 * DAY), now), false);
  assert.equal(needsSuccessor(token(now, new Date(now).toISOString()), now), false);
});

test('the end of a predecessor is what its rotation says', () => {
  const place = { other: 'x', endsAt: '2026-01-01T00:00:00.000Z' };
  const expiresAt = '2027-01-01T00:00:00.000Z';
  assert.equal(endOf({ expiresAt, rotation: { ...place, role: 'predecessor' } }), Date.parse(place.endsAt));
  assert.equal(endOf({ expiresAt, rotation: { ...place, role: 'successor' } }), Date.parse(expiresAt));
  assert.equal(endOf({ expiresAt: null }), Number.POSITIVE_INFINITY);
});

test('a token that is about to expire is told of once a day, louder at the end', async (t) => {
  const { credentials, start, warnings, time, later } = await watched(t);
  const { id } = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt: later(15 * DAY) }, 'ana');
  start();
  await settle();
  assert.deepEqual(warnings(id), []);
  await time.advance(DAY);
  assert.deepEqual(warnings(id), ['warn: a credential is about to expire']);
  await time.advance(DAY - WATCH_EVERY);
  assert.equal(warnings(id).length, 1);
  await time.advance(10 * DAY + WATCH_EVERY);
  assert.equal(warnings(id).length, 12);
  assert.match(warnings(id).at(-1) ?? '', /^error: a credential is about to expire/);
  await time.advance(3 * DAY);
  assert.match(warnings(id).at(-1) ?? '', /^error: a credential has expired/);
});

test('what becomes urgent and what ends is told at once, not a day after the last warning', async (t) => {
  const { credentials, start, warnings, time, later } = await watched(t);
  const { id } = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt: later(3.5 * DAY) }, 'ana');
  start();
  await settle();
  await time.advance(DAY / 2);
  assert.deepEqual(warnings(id), ['warn: a credential is about to expire', 'error: a credential is about to expire']);
  await time.advance(3 * DAY);
  assert.equal(warnings(id).at(-1), 'error: a credential has expired');
  const told = warnings(id).length;
  await time.advance(DAY - WATCH_EVERY);
  assert.equal(warnings(id).length, told);
});

test('nobody is bothered about what is revoked, never ends, or has a successor in use', async (t) => {
  const { credentials, rotations, start, told, later } = await watched(t);
  const expiresAt = later(DAY);
  const revoked = await credentials.create({ kind: 'metrics', expiresAt }, 'ana');
  await credentials.revoke(revoked.id, 'ana');
  await credentials.create({ kind: 'metrics' }, 'ana');
  const old = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt }, 'ana');
  const next = await rotations.start({ id: old.id }, 'ana');
  await credentials.verify(bearer(next.token ?? ''), 'scim');
  await settle();
  start();
  await settle();
  assert.deepEqual(told, []);
});

test('the remedy is one that can be done: a rotation that is under way is not started once more', async (t) => {
  const { credentials, rotations, start, told, later } = await watched(t);
  const old = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt: later(DAY) }, 'ana');
  const next = await rotations.start({ id: old.id, expiresAt: later(90 * DAY) }, 'ana');
  const replaced = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt: later(90 * DAY) }, 'ana');
  const short = await rotations.start({ id: replaced.id, expiresAt: later(DAY) }, 'ana');
  await credentials.verify(bearer(short.token ?? ''), 'scim');
  await settle();
  start();
  await settle();
  const remedy = (id: string) => told.find(({ fields }) => fields.credential === id)?.fields.remedy;
  assert.equal(remedy(old.id), `store ${next.id}, which replaces it, at the identity provider; it is not in use yet`);
  assert.equal(
    remedy(short.id),
    `jenkins-scim token rotate complete ${short.id}; jenkins-scim token rotate start ${short.id}`,
  );
});

test('a successor that nobody uses yet does not silence the warning', async (t) => {
  const { credentials, rotations, start, warnings, later } = await watched(t);
  const old = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt: later(DAY) }, 'ana');
  await rotations.start({ id: old.id }, 'ana');
  start();
  await settle();
  assert.equal(warnings(old.id).length, 1);
});

test('it ends what a grace has ended, and tells who lives', async (t) => {
  const { credentials, rotations, start, looks, time } = await watched(t);
  const old = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  const next = await rotations.start({ id: old.id, grace: 3_600_000 }, 'ana');
  await credentials.verify(bearer(next.token ?? ''), 'scim');
  await settle();
  start();
  await settle();
  assert.deepEqual(new Set(looks.at(-1)), new Set([old.id, next.id]));
  await time.advance(3_600_000 + WATCH_EVERY);
  assert.deepEqual(looks.at(-1), [next.id]);
  assert.notEqual((await credentials.list()).find(({ id }) => id === old.id)?.revokedAt, null);
});

test('a failure is told and tried again', async (t) => {
  const made = await watched(t);
  let broken = true;
  const watch = startCredentialWatch({
    ...made,
    timers: made.time,
    credentials: { list: () => (broken ? Promise.reject(new Error('busy')) : made.credentials.list()) },
    onLook: () => made.looks.push([]),
  });
  t.after(() => watch.stop());
  await settle();
  assert.ok(made.told.some(({ message }) => message === 'credentials are not watched'));
  broken = false;
  await made.time.advance(WATCH_EVERY);
  assert.equal(made.looks.length, 1);
});

test('what is about to expire is told of though nothing can be ended', async (t) => {
  const made = await watched(t);
  const { id } = await made.credentials.create({ kind: 'scim', connection: 'okta', expiresAt: made.later(DAY) }, 'ana');
  const watch = startCredentialWatch({
    ...made,
    timers: made.time,
    rotations: { sweep: () => Promise.reject(new Error('the disk is full')) },
  });
  t.after(() => watch.stop());
  await settle();
  assert.equal(made.warnings(id).length, 1);
  assert.ok(made.told.some(({ message }) => message === 'credentials are not watched'));
});
