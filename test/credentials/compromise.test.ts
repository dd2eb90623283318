import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerEvent } from '../../src/access/ports/recorder.ts';
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

test('what it caused names people and groups as they were called then, until the names are erased', async (t) => {
  const made = await credentialWorld(t);
  const { credentials, store, time, random } = made;
  const recorder = createLedger({ store, clock: time, random, keys: parseKeyFile(newKeyFile(random.bytes)) });
  const { id } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  const note = (kind: 'user' | 'group', subject: string, more: Pick<LedgerEvent, 'body' | 'personal'>) =>
    store.write((tx) =>
      recorder.record(tx, { kind: `scim.${kind}.created`, actor: id, subject: { kind, id: subject }, ...more }),
    );
  await note('user', 'u1', { body: { attributes: [] }, personal: { userName: 'mallory' } });
  await note('group', 'g1', { body: { displayName: 'ci-admins' } });
  await note('user', 'u2', { body: {} });
  const found = await markCompromised({ ...made, recorder }, { id, since: made.later(0) }, 'ana');
  assert.deepEqual(
    found.caused.map(({ subject, name }) => [subject, name]),
    [
      ['u1', 'mallory'],
      ['g1', 'ci-admins'],
      ['u2', undefined],
    ],
  );
});

test('only the one that is named ends, and with it its rotation; who was ended before keeps when', async (t) => {
  const made = await credentialWorld(t);
  const { credentials, rotations, time } = made;
  const make = (connection: string) => credentials.create({ kind: 'scim', connection }, 'ana');
  const [stolen, other, ended] = [await make('okta'), await make('entra'), await make('ping')];
  const next = await rotations.start({ id: stolen.id }, 'ana');
  await credentials.revoke(ended.id, 'ana');
  const before = (await credentials.list()).find(({ id }) => id === ended.id)?.revokedAt;
  await time.advance(1_000);
  await markCompromised(made, { id: stolen.id, since: made.later(0) }, 'ana');
  await markCompromised(made, { id: ended.id, since: made.later(0) }, 'ana');
  for (const { token } of [other, next]) await credentials.verify(bearer(token ?? ''), 'scim');
  const listed = new Map((await credentials.list()).map((token) => [token.id, token]));
  assert.equal(listed.get(stolen.id)?.revokedAt, made.later(0));
  assert.equal(listed.get(next.id)?.rotation, undefined, 'nothing is left to be replaced');
  assert.equal(listed.get(ended.id)?.revokedAt, before);
});

test('of what it caused the first thousand are listed, oldest first, and all are counted', async (t) => {
  const made = await credentialWorld(t);
  const { credentials, store, time, random } = made;
  const recorder = createLedger({ store, clock: time, random, keys: parseKeyFile(newKeyFile(random.bytes)) });
  const { id } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  const since = made.later(0);
  await store.write(async (tx) => {
    for (let n = 0; n < 1_001; n++)
      await recorder.record(tx, { kind: 'k', actor: id, subject: { kind: 'user', id: `u${n}` }, body: {} });
  });
  const { caused, counts } = await markCompromised({ ...made, recorder }, { id, since }, 'ana');
  assert.deepEqual(counts, { k: 1_001 });
  assert.deepEqual(
    caused.map(({ subject }) => subject),
    Array.from({ length: 1_000 }, (_, n) => `u${n}`),
  );
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
  const last = made.recorded.at(-1);
  assert.deepEqual([last?.kind, last?.body.since], ['credential.compromised', made.later(0)]);
  await assert.rejects(markCompromised(made, { id: 'nobody', since: made.later(0) }, 'ana'), code('AUTH_UNKNOWN'));
});
