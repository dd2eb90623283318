import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Log } from '../../src/access/ports/log.ts';
import { SILENT } from '../../src/access/ports/log.ts';
import { createCredentials, LAST_USED_EVERY } from '../../src/credentials/createCredentials.ts';
import { SCIM_SCOPES } from '../../src/credentials/credentials.ts';
import { LONGEST_LIFE } from '../../src/credentials/order.ts';
import { formatToken, parseToken } from '../../src/credentials/tokenText.ts';
import { ScimError } from '../../src/errors.ts';
import type { TokensTable } from '../../src/store/tables/credentials.ts';
import { SimulatedTime, seededRandom, settle } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';

const code = (expected: string) => (error: unknown) => error instanceof ScimError && error.code === expected;
const INVALID = code('AUTH_INVALID');

async function world(t: TestContext, log: Log = SILENT) {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const random = seededRandom();
  const recorded: unknown[] = [];
  const keys = { current: 1, byVersion: new Map([[1, new Uint8Array(32).fill(1)]]) };
  const recorder = { record: async (_tx: unknown, event: unknown) => void recorded.push(event) };
  const deps = { store, keys, clock: time, random, recorder, log };
  return { ...deps, time, recorded, credentials: createCredentials(deps) };
}

const bearer = (token: string): string => `Bearer ${token}`;

test('a token opens what it was made for', async (t) => {
  const { credentials } = await world(t);
  const { token, ...made } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  assert.deepEqual(await credentials.verify(bearer(token), 'scim'), made);
  assert.deepEqual(made.scopes, [...SCIM_SCOPES].sort());
  assert.equal(made.connection, 'okta');
  assert.equal(made.expiresAt, null);
  assert.equal('method' in made, false, 'that is said of clients');
});

test('wrong, unknown, expired, revoked and of another kind: one answer', async (t) => {
  const { credentials, time } = await world(t);
  const expiresAt = new Date(time.now() + 1000).toISOString();
  const made = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt }, 'cli');
  const parts = parseToken(made.token)!;
  const revoked = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  await credentials.revoke(revoked.id, 'cli');
  const metrics = await credentials.create({ kind: 'metrics' }, 'cli');

  const refused = async (header: string): Promise<string> => {
    const error = await credentials.verify(header, 'scim').then(
      () => assert.fail('it was let in'),
      (caught: unknown) => caught,
    );
    assert.ok(INVALID(error));
    return `${(error as ScimError).message} ${JSON.stringify((error as ScimError).details)}`;
  };
  const answers = [
    await refused(bearer(formatToken({ ...parts, secret: new Uint8Array(32) }))),
    await refused(bearer(formatToken({ ...parts, id: '00000000-0000-4000-8000-000000000000' }))),
    await refused(bearer(revoked.token)),
    await refused(bearer(metrics.token)),
    await refused('Bearer something'),
  ];
  await credentials.verify(bearer(made.token), 'scim');
  await time.advance(1000);
  answers.push(await refused(bearer(made.token)));
  assert.equal(new Set(answers).size, 1);
});

test('each kind opens its own routes only', async (t) => {
  const { credentials } = await world(t);
  const kinds = ['scim', 'metrics', 'operator'] as const;
  const tokens = [
    await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli'),
    await credentials.create({ kind: 'metrics' }, 'cli'),
    await credentials.create({ kind: 'operator' }, 'cli'),
  ];
  for (const [own, { token }] of tokens.entries())
    for (const [asked, kind] of kinds.entries())
      if (own === asked) assert.equal((await credentials.verify(bearer(token), kind)).kind, kind);
      else await assert.rejects(credentials.verify(bearer(token), kind), INVALID);
});

test('editing any column of the row kills the token', async (t) => {
  const { credentials, store, keys } = await world(t);
  keys.byVersion.set(2, new Uint8Array(32).fill(2));
  const expiresAt = '2026-12-24T08:00:00.000Z';
  const edits: Partial<TokensTable>[] = [
    { id: '00000000-0000-4000-8000-000000000001' },
    { kind: 'operator' },
    { connection: 'entra' },
    { connection: null },
    { scopes: '["groups:read","groups:write","users:read","users:write"]' },
    { scopes: '[ "users:read"]' },
    { roles: '["security"]' },
    { created_at: '2020-01-01T00:00:00.000Z' },
    { created_by: 'someone' },
    { expires_at: null },
    { expires_at: '2099-01-01T00:00:00.000Z' },
    { key_version: 2 },
    { key_version: 3 },
    { mac: '0'.repeat(64) },
    { mac: '' },
    { revoked_at: '2026-11-24T08:00:00.000Z' },
  ];
  for (const edit of edits) {
    const order = { kind: 'scim', connection: 'okta', scopes: ['users:read'], expiresAt } as const;
    const { id, token } = await credentials.create(order, 'cli');
    await credentials.verify(bearer(token), 'scim');
    await store.write(({ db }) => db.updateTable('tokens').set(edit).where('id', '=', id).execute());
    for (const kind of ['scim', 'operator'] as const)
      await assert.rejects(credentials.verify(bearer(token), kind), INVALID, JSON.stringify(edit));
    await store.write(({ db }) => db.deleteFrom('tokens').execute());
  }
});

test('the row of one token does not serve the secret of another', async (t) => {
  const { credentials, store } = await world(t);
  const weak = await credentials.create({ kind: 'scim', connection: 'okta', scopes: ['users:read'] }, 'cli');
  const strong = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  await store.write(async ({ db }) => {
    const { mac } = await db.selectFrom('tokens').select('mac').where('id', '=', strong.id).executeTakeFirstOrThrow();
    await db.updateTable('tokens').set({ mac }).where('id', '=', weak.id).execute();
  });
  await assert.rejects(credentials.verify(bearer(weak.token), 'scim'), INVALID);
});

test('a revocation holds at once, and cannot be undone by SQL', async (t) => {
  const { credentials, store } = await world(t);
  const { id, token } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  await credentials.revoke(id, 'cli');
  await assert.rejects(credentials.verify(bearer(token), 'scim'), INVALID);
  await store.write(({ db }) => db.updateTable('tokens').set({ revoked_at: null }).execute());
  await assert.rejects(credentials.verify(bearer(token), 'scim'), INVALID);
});

test('older key versions verify, a key that is gone does not', async (t) => {
  const { credentials, keys } = await world(t);
  const { token } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  keys.byVersion.set(2, new Uint8Array(32).fill(2));
  keys.current = 2;
  const newer = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  await credentials.verify(bearer(token), 'scim');
  await credentials.verify(bearer(newer.token), 'scim');
  keys.byVersion.delete(1);
  await assert.rejects(credentials.verify(bearer(token), 'scim'), INVALID);
  await credentials.verify(bearer(newer.token), 'scim');
});

test('the time of last use is written at most every five minutes', async (t) => {
  const { credentials, store, time } = await world(t);
  const { token } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  const used = async (): Promise<string | null> => {
    await credentials.verify(bearer(token), 'scim');
    await store.write(async () => {});
    return (await credentials.list())[0]!.lastUsedAt;
  };
  const first = await used();
  assert.equal(first, new Date(time.now()).toISOString());
  await time.advance(LAST_USED_EVERY - 1);
  assert.equal(await used(), first);
  await time.advance(1);
  assert.equal(await used(), new Date(time.now()).toISOString());
});

test('after a restart what is stored of the last use counts', async (t) => {
  const made = await world(t);
  const { token } = await made.credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  const used = async () => {
    await createCredentials(made).verify(bearer(token), 'scim');
    await settle();
    return (await made.credentials.list())[0]?.lastUsedAt;
  };
  const first = await used();
  await made.time.advance(LAST_USED_EVERY - 1);
  assert.equal(await used(), first);
});

test('a database that takes no write still lets a token in', async (t) => {
  const made = await world(t);
  const { token } = await made.credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  const told: string[] = [];
  const log: Log = { ...SILENT, warn: (message) => void told.push(message) };
  const readOnly = { read: made.store.read, write: () => Promise.reject(new Error('full')), close: made.store.close };
  const credentials = createCredentials({
    ...made,
    log,
    store: { ...readOnly, read: (work) => made.store.read(work) },
  });
  // It is not asked for it by each request.
  for (let use = 0; use < 3; use++) await credentials.verify(bearer(token), 'scim');
  await settle();
  assert.deepEqual(told, ['last use of a token is not stored']);
});

test('the secret is stored nowhere, and listed by nobody', async (t) => {
  const { credentials, store, recorded } = await world(t);
  const { token } = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  const secret = Buffer.from(parseToken(token)!.secret).toString('hex');
  const rows = await store.read((db) => db.selectFrom('tokens').selectAll().execute());
  for (const place of [rows, await credentials.list(), recorded]) assert.ok(!JSON.stringify(place).includes(secret));
});

test('making and ending a token are records, with who did it', async (t) => {
  const { credentials, recorded } = await world(t);
  const { id } = await credentials.create({ kind: 'scim', connection: 'okta', scopes: ['users:read'] }, 'ana');
  await credentials.revoke(id, 'bo');
  await credentials.revoke(id, 'bo');
  const subject = { kind: 'credential', id };
  const body = { kind: 'scim', connection: 'okta', scopes: ['users:read'], expiresAt: null };
  assert.deepEqual(recorded, [
    { kind: 'credential.created', actor: 'ana', subject, body },
    { kind: 'credential.revoked', actor: 'bo', subject, body },
  ]);
});

test('of several that one is ended that was named, and the record is of that one; the list goes by age', async (t) => {
  const { credentials, recorded, time } = await world(t);
  const make = async (connection: string) => {
    await time.advance(1_000);
    return credentials.create({ kind: 'scim', connection }, 'ana');
  };
  const [first, second, third] = [await make('okta'), await make('entra'), await make('ping')];
  await credentials.revoke(second.id, 'bo');
  await assert.rejects(credentials.revoke('nobody', 'bo'), code('AUTH_UNKNOWN'));
  const { subject, body } = recorded.at(-1) as { subject: { id: string }; body: { connection: string } };
  assert.deepEqual([subject.id, body.connection], [second.id, 'entra']);
  assert.deepEqual(
    (await credentials.list()).map(({ id, revokedAt, rotation }) => [id, revokedAt !== null, rotation]),
    [
      [first.id, false, undefined],
      [second.id, true, undefined],
      [third.id, false, undefined],
    ],
  );
  await assert.rejects(credentials.verify(bearer(second.token), 'scim'), INVALID);
  for (const { token } of [first, third]) await credentials.verify(bearer(token), 'scim');
});

test('a token without its record does not exist', async (t) => {
  const made = await world(t);
  const recorder = { record: () => Promise.reject(new Error('no')) };
  const credentials = createCredentials({ ...made, recorder });
  await assert.rejects(credentials.create({ kind: 'scim', connection: 'okta' }, 'cli'), /no/);
  assert.deepEqual(await credentials.list(), []);
});

test('an order that makes no sense is refused by name', async (t) => {
  const { credentials, time } = await world(t);
  const orders = [
    { kind: 'scim' },
    { kind: 'scim', connection: '' },
    { kind: 'metrics', connection: 'okta' },
    { kind: 'scim', connection: 'okta', scopes: ['users:admin'] },
    { kind: 'scim', connection: 'okta', scopes: [] },
    { kind: 'metrics', scopes: ['users:read'] },
    { kind: 'metrics', expiresAt: 'soon' },
    { kind: 'metrics', expiresAt: new Date(time.now()).toISOString() },
    { kind: 'metrics', expiresAt: new Date(time.now() + LONGEST_LIFE + 1).toISOString() },
  ] as const;
  for (const order of orders)
    await assert.rejects(credentials.create(order, 'cli'), code('AUTH_ORDER'), JSON.stringify(order));
  await assert.rejects(credentials.revoke('nobody', 'cli'), code('AUTH_UNKNOWN'));
  assert.deepEqual(await credentials.list(), []);
});

test('a token whose key was taken out of keys.json is refused, and the list says so', async (t) => {
  const { credentials, keys } = await world(t);
  const old = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  keys.byVersion.set(2, new Uint8Array(32).fill(2));
  keys.current = 2;
  const made = await credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  keys.byVersion.delete(1);
  await assert.rejects(credentials.verify(bearer(old.token), 'scim'), INVALID);
  await credentials.verify(bearer(made.token), 'scim');
  const gone = async (): Promise<string[]> =>
    (await credentials.list()).flatMap(({ id, keyGone }) => (keyGone === true ? [id] : []));
  assert.deepEqual(await gone(), [old.id]);
  await credentials.revoke(old.id, 'cli');
  assert.deepEqual(await gone(), [], 'it is revoked, which says as much');
});
