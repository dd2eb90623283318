import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { isStoreFailure, ScimError } from '../../src/errors.ts';
import { openStore } from '../../src/store/open.ts';
import { refusedEntry } from '../../src/store/postgres/entrance.ts';
import { certificate } from '../jenkins/certificate.ts';
import { postgresMissing } from './database.ts';
import { type PostgresServer, startPostgres } from './server.ts';
import { serverFiles } from './serverFiles.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
const PATIENCE = { patience: 300 };
const SECRET = 'pa55-w0rd-of-the-test';
const WRONG = 'another-w0rd-of-the-test';
const skip = postgresMissing ?? false;

const RULES = `
host    all   postgres  127.0.0.1/32 trust
hostssl scim  secured   127.0.0.1/32 scram-sha-256
host    scim  scim      127.0.0.1/32 scram-sha-256
host    all   noone     127.0.0.1/32 trust
host    all   limited   127.0.0.1/32 trust
host    scim  banned    127.0.0.1/32 reject
hostssl scim  cert      127.0.0.1/32 cert
`;

interface Entrance {
  readonly server: PostgresServer;
  readonly ca: string;
  readonly folder: string;
  readonly authority: ReturnType<typeof certificate>;
  url(change: {
    user?: string;
    password?: string;
    database?: string;
    host?: string;
    port?: number;
    query?: object;
  }): string;
  admin(...statements: string[]): Promise<void>;
}

/** A server with TLS and rules of its own. */
async function entrance(t: TestContext, more: object = {}): Promise<Entrance> {
  const { folder, file } = serverFiles(t);
  const authority = certificate('authority');
  const pair = certificate('postgres', authority);
  const server = await startPostgres({
    hba_file: file('pg_hba.conf', RULES),
    ssl: 'on',
    ssl_cert_file: file('server.pem', pair.cert),
    ssl_key_file: file('server.key', pair.key),
    ssl_ca_file: file('clients.pem', authority.cert),
    // Before version 14 it is md5.
    password_encryption: 'scram-sha-256',
    ...more,
  });
  t.after(() => server.stop());
  const admin = async (...statements: string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  const roles = ['scim', 'secured', 'banned', 'cert'].map((role) => `CREATE ROLE ${role} LOGIN PASSWORD '${SECRET}'`);
  await admin(
    ...roles,
    'CREATE ROLE noone',
    'CREATE ROLE limited LOGIN CONNECTION LIMIT 0',
    'CREATE DATABASE scim OWNER scim',
  );
  return {
    server,
    folder,
    authority,
    ca: file('ca.pem', authority.cert),
    admin,
    url: ({ user = 'scim', password = SECRET, database = 'scim', host, port, query = {} }) => {
      const url = new URL(server.url);
      url.username = user;
      url.password = password;
      url.pathname = `/${database}`;
      if (host !== undefined) url.hostname = host;
      if (port !== undefined) url.port = String(port);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
      return url.href;
    },
  };
}

async function refused(url: string): Promise<ScimError> {
  const error = await openStore(url, parts, PATIENCE).then(
    async (store) => {
      await store.close();
      throw new Error('it was let in');
    },
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ScimError, String(error));
  assert.doesNotMatch(`${error.message} ${error.remedy} ${JSON.stringify(error.details)}`, /w0rd/);
  assert.ok(isStoreFailure(error), `${error.code} is no trouble of the database`);
  assert.equal(error.status, 503);
  return error;
}

test('postgres: who is not let in reads why and what mends it', { skip }, async (t) => {
  const { url, ca, admin, folder, authority } = await entrance(t);
  const verified = { sslmode: 'verify-full', sslrootcert: ca };
  const other = join(folder, 'other.pem');
  writeFileSync(other, certificate('stranger').cert);
  await admin(
    'CREATE DATABASE closed',
    'REVOKE CONNECT ON DATABASE closed FROM PUBLIC',
    'CREATE DATABASE shut ALLOW_CONNECTIONS false',
  );
  const free = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => free.once('listening', resolve));
  const { port } = free.address() as { port: number };
  await new Promise((resolve) => free.close(resolve));
  const notes = join(folder, 'notes.txt');
  writeFileSync(notes, 'no certificate at all\n');
  const cases: readonly (readonly [string, string, string, RegExp, RegExp])[] = [
    ['a wrong password', url({ password: WRONG }), 'STORE_LOGIN', /no such user with this password/, /ALTER ROLE/],
    ['a user that is not there', url({ user: 'noone' }), 'STORE_LOGIN', /role is not there or has no LOGIN/, /LOGIN/],
    ['no password', url({ password: '' }), 'STORE_LOGIN', /the URL has none/, /password in the URL/],
    ['a user without a rule', url({ user: 'stranger' }), 'STORE_HBA', /no entry.*without encryption/, /pg_hba\.conf/],
    [
      'a user that is rejected',
      url({ user: 'banned', query: verified }),
      'STORE_HBA',
      /pg_hba\.conf rejects it$/,
      /reload/,
    ],
    ['no encryption', url({ user: 'secured' }), 'STORE_HBA', /without encryption/, /sslmode=verify-full/],
    [
      'no client certificate',
      url({ user: 'cert', query: verified }),
      'STORE_TLS',
      /client certificate/,
      /docs\/postgresql/,
    ],
    ['no database', url({ user: 'noone', database: 'none' }), 'STORE_LOGIN', /has no LOGIN/, /LOGIN/],
    [
      'a database that is not there',
      url({ user: 'postgres', database: 'none' }),
      'STORE_DATABASE',
      /none of this name/,
      /CREATE DATABASE/,
    ],
    [
      'a database that is shut',
      url({ user: 'postgres', database: 'shut' }),
      'STORE_DATABASE',
      /accepts no connections/,
      /URL/,
    ],
    ['a role at its limit', url({ user: 'limited' }), 'STORE_CONNECTIONS', /CONNECTION LIMIT/, /Raise the limit/],
    [
      'an unknown authority',
      url({ query: { sslmode: 'verify-full' } }),
      'STORE_TLS',
      /authority that is not known/,
      /sslrootcert/,
    ],
    [
      'another authority',
      url({ query: { ...verified, sslrootcert: other } }),
      'STORE_TLS',
      /authority|signed/,
      /sslrootcert/,
    ],
    ['another name', url({ host: 'localhost', query: verified }), 'STORE_TLS', /another name/, /by the name in it/],
    [
      'a closed port',
      url({ port }),
      'STORE_UNREACHABLE',
      new RegExp(`nothing listens there \\(127.0.0.1:${port}\\)`),
      /listens/,
    ],
    [
      'a host that is not there',
      url({ host: 'db.invalid', query: verified }),
      'STORE_UNREACHABLE',
      /db\.invalid/,
      /host and port/,
    ],
    [
      'a socket that is not there',
      `postgres://scim:${SECRET}@/scim?host=${folder}`,
      'STORE_UNREACHABLE',
      /no such socket/,
      /host/,
    ],
    [
      'an authority that is no PEM',
      url({ query: { ...verified, sslrootcert: notes } }),
      'STORE_TLS',
      /file of sslrootcert holds no certificate in PEM/,
      /sslrootcert/,
    ],
  ];
  for (const [name, address, code, reason, remedy] of cases)
    await t.test(name, async () => {
      const error = await refused(address);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, reason);
      assert.match(error.remedy, remedy);
    });
  // The first of them makes the tables.
  await admin('GRANT scim TO secured', 'GRANT secured TO cert');
  const own = certificate('cert', authority);
  const files = { sslcert: join(folder, 'cert.pem'), sslkey: join(folder, 'cert.key') };
  writeFileSync(files.sslcert, own.cert);
  writeFileSync(files.sslkey, own.key);
  for (const address of [
    url({ user: 'secured', query: verified }),
    url({ user: 'cert', query: { ...verified, ...files } }),
  ])
    await (await openStore(address, parts, PATIENCE)).close();
});

test('postgres: a server without TLS is told as such', { skip }, async (t) => {
  const { url, ca } = await entrance(t, { ssl: 'off' });
  const error = await refused(url({ query: { sslmode: 'verify-full', sslrootcert: ca } }));
  assert.deepEqual([error.code, /ssl = off/.test(error.message)], ['STORE_TLS', true], error.message);
});

test('postgres: a password that is changed under the service is a 503 that says so, and goes well when it is changed back', {
  skip,
}, async (t) => {
  const { url, admin } = await entrance(t);
  const store = await openStore(url({}), parts, PATIENCE);
  t.after(() => store.close());
  const write = (key: string) =>
    store.write(async ({ db }) => void (await db.insertInto('expired').values({ key, at: 'now' }).execute()));
  const read = () => store.read((db) => db.selectFrom('expired').selectAll().execute());
  await write('a');
  const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'scim'`;
  await admin(`ALTER ROLE scim PASSWORD '${WRONG}'`, cut);
  for (const run of [() => write('b'), read])
    await assert.rejects(run(), (error: unknown) => {
      assert.ok(error instanceof ScimError, String(error));
      assert.equal(error.code, 'STORE_LOGIN', error.message);
      assert.doesNotMatch(JSON.stringify([error.message, error.remedy, error.details]), /w0rd/);
      return isStoreFailure(error);
    });
  await admin(`ALTER ROLE scim PASSWORD '${SECRET}'`);
  await write('c');
  assert.deepEqual((await read()).map(({ key }) => key).sort(), ['a', 'c']);
});

test('postgres: a password file is not looked into, and PGPASSWORD holds where the URL has none', {
  skip,
}, async (t) => {
  const { url, folder, server } = await entrance(t);
  const passwords = join(folder, 'pgpass');
  writeFileSync(passwords, `127.0.0.1:${new URL(server.url).port}:scim:scim:${SECRET}\n`, { mode: 0o600 });
  const warned: Error[] = [];
  const note = (warning: Error): void => void warned.push(warning);
  process.on('warning', note);
  process.env.PGPASSFILE = passwords;
  t.after(() => {
    process.off('warning', note);
    delete process.env.PGPASSFILE;
    delete process.env.PGPASSWORD;
  });
  assert.match((await refused(url({ password: '' }))).message, /the URL has none/);
  process.env.PGPASSWORD = SECRET;
  await (await openStore(url({ password: '' }), parts, PATIENCE)).close();
  assert.deepEqual(warned, []);
});

test('postgres: what OpenSSL refuses is told as TLS, with its code and nothing else', () => {
  const refusal = (code: string) => refusedEntry(Object.assign(new Error(SECRET), { code }));
  for (const code of ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_OSSL_EVP_UNSUPPORTED']) {
    const found = refusal(code);
    assert.deepEqual([found?.code, found?.details.reason], ['STORE_TLS', `OpenSSL says ${code}`]);
  }
  for (const code of ['ERR_SOCKET_CLOSED', 'ECONNRESET']) assert.equal(refusal(code), undefined, code);
});
