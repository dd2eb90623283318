import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseNetwork } from '../../src/config/network.ts';
import { inside } from '../../src/credentials/network.ts';
import { tokenMac } from '../../src/credentials/tokenSeal.ts';
import { parseToken } from '../../src/credentials/tokenText.ts';
import { bearer, code, credentialWorld } from './world.ts';

test('a token is valid from its networks only, with the answer of a wrong one elsewhere', async (t) => {
  const { credentials, told } = await credentialWorld(t);
  const networks = ['198.51.100.0/24', '2001:db8::/32', '192.0.2.7'];
  const { id, token } = await credentials.create({ kind: 'scim', connection: 'okta', networks }, 'ana');
  for (const from of ['198.51.100.9', '::ffff:198.51.100.9', '::FFFF:198.51.100.9', '2001:db8:1::2%eth0', '192.0.2.7'])
    assert.equal((await credentials.verify(bearer(token), 'scim', from)).id, id, from);
  for (const from of ['198.51.101.9', '2001:db9::1', '192.0.2.8', '::1', 'unknown', '', undefined])
    await assert.rejects(credentials.verify(bearer(token), 'scim', from), code('AUTH_INVALID'), String(from));
  const warned = told.filter(({ level }) => level === 'warn');
  assert.equal(warned.length, 7);
  assert.deepEqual(warned[0]?.fields, { credential: id, client: '198.51.101.9' });
  assert.ok(!JSON.stringify(told).includes(token));
});

test('networks are sealed with the row: taking them away in the database kills the token', async (t) => {
  const { credentials, store } = await credentialWorld(t);
  const order = { kind: 'scim', connection: 'okta', networks: ['10.0.0.0/8'] } as const;
  for (const networks of ['[]', '["0.0.0.0/0"]', '["10.0.0.0/8","192.0.2.1/32"]', 'x']) {
    const { id, token } = await credentials.create(order, 'ana');
    await store.write(({ db }) => db.updateTable('tokens').set({ networks }).where('id', '=', id).execute());
    await assert.rejects(credentials.verify(bearer(token), 'scim', '10.0.0.1'), code('AUTH_INVALID'), networks);
  }
  const open = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  await store.write(({ db }) =>
    db.updateTable('tokens').set({ networks: '["10.0.0.0/8"]' }).where('id', '=', open.id).execute(),
  );
  await assert.rejects(credentials.verify(bearer(open.token), 'scim', '10.0.0.1'), code('AUTH_INVALID'));
});

test('an address alone is a network of one', () => {
  assert.equal(parseNetwork('192.0.2.7'), '192.0.2.7/32');
  assert.equal(parseNetwork(' 2001:DB8::7 '), '2001:db8::7/128');
  assert.equal(inside(['2001:db8::7/128'], '2001:db8::7'), true);
  assert.equal(inside(['2001:db8::7/128'], '2001:db8::8'), false);
});

test('what is no network is refused by name', async (t) => {
  const { credentials } = await credentialWorld(t);
  for (const text of [
    '',
    'x',
    '10.0.0.0/33',
    '10.0.0/8',
    '::/129',
    '10.0.0.0/-1',
    '10.0.0.1/8/8',
    'localhost',
    '010.0.0.1',
  ])
    await assert.rejects(
      credentials.create({ kind: 'scim', connection: 'okta', networks: [text] }, 'ana'),
      code('AUTH_ORDER'),
      text,
    );
  const many = Array.from({ length: 51 }, (_, at) => `10.0.0.${at}`);
  await assert.rejects(credentials.create({ kind: 'metrics', networks: many }, 'ana'), code('AUTH_ORDER'));
});

test('an address in a network is refused with both that may be meant', async (t) => {
  const { credentials } = await credentialWorld(t);
  const made = (text: string) => credentials.create({ kind: 'scim', connection: 'okta', networks: [text] }, 'ana');
  await assert.rejects(made('10.0.0.5/8'), {
    code: 'AUTH_ORDER',
    message:
      /10\.0\.0\.5\/8 names no network: write 10\.0\.0\.0\/8 for the network, or 10\.0\.0\.5 for the address alone/,
  });
  assert.deepEqual((await made('10.0.0.5/32')).networks, ['10.0.0.5/32']);
});

test('a stored network with bits behind its prefix holds what it held, and is rotated to one without', async (t) => {
  const { credentials, rotations, store, keys } = await credentialWorld(t);
  const order = { kind: 'scim', connection: 'okta', networks: ['10.0.0.0/8'] } as const;
  const { id, token } = await credentials.create(order, 'ana');
  await store.write(async ({ db }) => {
    const row = await db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const networks = '["10.0.0.5/8"]';
    const mac = tokenMac(keys, { ...row, networks }, parseToken(token)!.secret)!;
    await db.updateTable('tokens').set({ networks, mac }).where('id', '=', id).execute();
  });
  const opens = async (text: string | null, from: string) =>
    credentials.verify(bearer(text ?? ''), 'scim', from).then(
      () => true,
      () => false,
    );
  assert.deepEqual([await opens(token, '10.9.9.9'), await opens(token, '11.0.0.1')], [true, false]);
  const next = await rotations.start({ id }, 'ana');
  assert.deepEqual(next.networks, ['10.0.0.0/8']);
  assert.deepEqual([await opens(next.token, '10.9.9.9'), await opens(next.token, '11.0.0.1')], [true, false]);
});

test('an IPv4 network holds exactly the addresses with its first bits', () => {
  const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  const value = (parts: readonly number[]): number => parts.reduce((sum, part) => sum * 256 + part, 0);
  fc.assert(
    fc.property(address, address, fc.nat(32), (network, other, prefix) => {
      const text = parseNetwork(`${network.join('.')}/${prefix}`);
      assert.ok(text !== undefined);
      const size = 2 ** (32 - prefix);
      const same = Math.floor(value(network) / size) === Math.floor(value(other) / size);
      assert.equal(inside([text], other.join('.')), same);
    }),
  );
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (network, address) => {
      const parsed = parseNetwork(network);
      assert.equal(typeof inside(parsed === undefined ? [] : [parsed], address), 'boolean');
    }),
  );
});

test('users, groups, read and write stand for two scopes each', async (t) => {
  const { credentials } = await credentialWorld(t);
  const made = async (...scopes: string[]) =>
    (await credentials.create({ kind: 'scim', connection: 'okta', scopes }, 'ana')).scopes;
  assert.deepEqual(await made('users'), ['users:read', 'users:write']);
  assert.deepEqual(await made('read'), ['groups:read', 'users:read']);
  assert.deepEqual(await made('groups', 'write'), ['groups:read', 'groups:write', 'users:write']);
});
