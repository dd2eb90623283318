import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jwt } from '../../src/config/jwt.ts';
import { markCompromised } from '../../src/credentials/compromise.ts';
import { endAgain, endingsOf } from '../../src/credentials/endings.ts';
import { bearer, code, credentialWorld } from './world.ts';

const INVALID = code('AUTH_INVALID');
const entra = jwt.parse({
  ...{ issuer: 'https://issuer.test/', audience: 'a', jwks: 'https://issuer.test/keys' },
  caller: { claim: 'sub', value: 'c' },
});

/** A database, and the one that a backup of before would bring back: both have the same rows. */
async function twice(t: Parameters<typeof credentialWorld>[0]) {
  const connections = [{ name: 'entra', jwt: entra }];
  const [former, restored] = [await credentialWorld(t, { connections }), await credentialWorld(t, { connections })];
  const back = async () => {
    const tokens = await former.store.read((db) => db.selectFrom('tokens').selectAll().execute());
    const rotations = await former.store.read((db) => db.selectFrom('rotations').selectAll().execute());
    await restored.store.write(async ({ db }) => {
      await db.insertInto('tokens').values(tokens).execute();
      if (rotations.length > 0) await db.insertInto('rotations').values(rotations).execute();
    });
  };
  const again = async () => {
    const endings = await former.store.read(endingsOf);
    return restored.store.write((tx) => endAgain(tx, restored.recorder, endings, 'ana'));
  };
  return { former, restored, back, again };
}

test('what was revoked stays revoked in a database of before; what lives goes on', async (t) => {
  const { former, restored, back, again } = await twice(t);
  const one = await former.credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  const two = await former.credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  const next = await former.rotations.start({ id: two.id }, 'ana');
  await back();
  await former.credentials.revoke(one.id, 'ana');
  await former.rotations.complete(two.id, 'ana');
  await former.credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  for (const { token } of [one, two]) await restored.credentials.verify(bearer(token), 'scim');
  assert.equal(await again(), 2);
  for (const { token } of [one, two]) await assert.rejects(restored.credentials.verify(bearer(token), 'scim'), INVALID);
  await restored.credentials.verify(bearer(next.token ?? ''), 'scim');
  const [left] = (await restored.credentials.list()).filter(({ id }) => id === next.id);
  assert.equal(left?.rotation, undefined, 'the rotation is over');
  assert.deepEqual(
    restored.recorded.map(({ kind, actor, subject }) => [kind, actor, subject?.id]),
    [one.id, two.id].sort().map((id) => ['credential.revoked', 'ana', id]),
  );
  const instants = new Map(
    (await former.credentials.list()).map((token): [string | undefined, string | null] => [token.id, token.revokedAt]),
  );
  for (const { subject, body } of restored.recorded)
    assert.deepEqual([body.restored, body.revokedAt], [true, instants.get(subject?.id)], 'when it really ended');
  assert.equal(await again(), 0, 'once');
  await restored.store.write(({ db }) => db.updateTable('tokens').set({ revoked_at: null }).execute());
  for (const { token } of [one, two])
    await assert.rejects(restored.credentials.verify(bearer(token), 'scim'), INVALID, 'nor can SQL bring it back');
});

test('what was marked as compromised is marked in a database of before, JWTs of an issuer too', async (t) => {
  const { former, restored, back, again } = await twice(t);
  const stolen = await former.credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  await back();
  const since = former.later(-3_600_000);
  for (const id of [stolen.id, 'jwt:entra']) await markCompromised(former, { id, since }, 'ana');
  assert.equal(await again(), 2);
  const marks = await restored.store.read((db) =>
    db.selectFrom('compromised').selectAll().orderBy('credential').execute(),
  );
  assert.deepEqual(
    marks.map(({ credential, since: from }) => [credential, from]),
    [stolen.id, 'jwt:entra'].map((id) => [id, since]),
  );
  await assert.rejects(restored.credentials.verify(bearer(stolen.token), 'scim'), INVALID);
  assert.equal(await again(), 0, 'once');
});

test('a mark that a database of before has, and that is later, stays', async (t) => {
  const { former, restored, again } = await twice(t);
  await markCompromised(former, { id: 'jwt:entra', since: former.later(-7_200_000) }, 'ana');
  await restored.time.advance(1_000);
  const since = restored.later(-60_000);
  await markCompromised(restored, { id: 'jwt:entra', since }, 'ana');
  assert.equal(await again(), 0);
  const [mark] = await restored.store.read((db) => db.selectFrom('compromised').selectAll().execute());
  assert.equal(mark?.since, since);
});
