import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { markCompromised } from '../../src/credentials/compromise.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { bearer, code, credentialWorld } from './world.ts';

test('a compromised credential ends, and what the ledger has of it since then is told', async (t) => {
  const made = await credentialWorld(t);
  const { credentials, store, time, random } = made;
  const recorder = createLedger({ store, clock: time, random, keys: parseKeyFile(newKeyFile(random.bytes)) });
  const { id, token } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  const note = (kind: string, actor: string, subject: string) =>
    store.write((tx) => recorder.record(tx, { kind, actor, subject: { kind: 'user', id: subject }, body: {} }));
  await note('scim.user.created', id, 'before');
  await time.advance(1000);
  const since = made.later(0);
  await note('scim.user.created', id, 'u1');
  await note('scim.user.created', 'another', 'u2');
  await note('scim.user.deactivated', id, 'u3');
  const found = await markCompromised({ ...made, recorder }, { id, since }, 'ana');
  assert.deepEqual(found.counts, { 'scim.user.created': 1, 'scim.user.deactivated': 1 });
  assert.deepEqual(
    found.caused.map(({ kind, subject }) => `${kind} ${subject}`),
    ['scim.user.created u1', 'scim.user.deactivated u3'],
  );
  await assert.rejects(credentials.verify(bearer(token), 'scim'), code('AUTH_INVALID'));
  await store.write(({ db }) => db.updateTable('tokens').set({ revoked_at: null }).execute());
  await assert.rejects(credentials.verify(bearer(token), 'scim'), code('AUTH_INVALID'), 'not by SQL either');
});

test('marked again, the later call decides from when; an unknown one is refused', async (t) => {
  const made = await credentialWorld(t);
  const { id } = await made.credentials.create({ kind: 'metrics' }, 'ana');
  await made.credentials.revoke(id, 'ana');
  for (const since of [made.later(-1000), made.later(0)]) await markCompromised(made, { id, since }, 'ana');
  const marks = await made.store.read((db) => db.selectFrom('compromised').selectAll().execute());
  assert.deepEqual(
    marks.map(({ since }) => since),
    [made.later(0)],
  );
  assert.deepEqual(made.recorded.slice(-1)[0]?.kind, 'credential.compromised');
  await assert.rejects(markCompromised(made, { id: 'nobody', since: made.later(0) }, 'ana'), code('AUTH_UNKNOWN'));
});
