import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, isPostgres } from '../../src/store/postgres/address.ts';
import { certificate } from '../jenkins/certificate.ts';

const refused = (url: string, reason: RegExp): void => {
  assert.throws(
    () => address(url, () => 'PEM'),
    (error: Error & { code?: string }) =>
      error.code === 'STORE_ADDRESS' && reason.test(error.message) && !error.message.includes('s3cret'),
  );
};

test('a URL names server, database, user and password', () => {
  assert.deepEqual(address('postgres://me:s3%40cret@127.0.0.1:5433/scim'), {
    host: '127.0.0.1',
    port: 5433,
    database: 'scim',
    user: 'me',
    password: 's3@cret',
    ssl: false,
  });
  assert.equal(address('postgresql://me@[::1]/scim').host, '::1');
  assert.equal(address('postgres://me@localhost:80/scim').port, 80);
  assert.equal(address('postgres:///scim?host=/run/postgresql&user=me').host, '/run/postgresql');
  // As libpq takes it: no browser would call this an URL.
  const { host, user, password, port } = address('postgres://me:s3%40cret@/scim?host=/run/postgresql&port=5433');
  assert.deepEqual(
    { host, user, password, port },
    { host: '/run/postgresql', user: 'me', password: 's3@cret', port: 5433 },
  );
  refused('postgres://me:s3cret@/scim', /names no host/);
});

test('off loopback the server is verified, and nothing less is accepted', () => {
  const { ssl } = address('postgres://me:s3cret@db.example.com/scim');
  assert.deepEqual(ssl, { rejectUnauthorized: true, servername: 'db.example.com' });
  for (const mode of ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'no-verify'])
    refused(`postgres://me:s3cret@db.example.com/scim?sslmode=${mode}`, /verify-full/);
  for (const host of ['10.0.0.1', '127.example.com', 'localhost.example.com', '[::2]'])
    assert.notEqual(address(`postgres://me@${host}/scim`).ssl, false, host);
});

test('on loopback encryption is a choice, and half of it is none', () => {
  assert.equal(address('postgres://me@localhost/scim?sslmode=disable').ssl, false);
  assert.notEqual(address('postgres://me@localhost/scim?sslmode=verify-full').ssl, false);
  refused('postgres://me@localhost/scim?sslmode=require', /verify-full/);
});

test('the authority of the server can be named', () => {
  const pair = certificate('scim');
  const files: Record<string, string> = { '/ca.pem': pair.cert, '/c.pem': pair.cert, '/k.pem': pair.key };
  const read = (path: string): string => files[path]!;
  const { ssl } = address('postgres://me@db.example.com/scim?sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem', read);
  assert.deepEqual(ssl, {
    rejectUnauthorized: true,
    servername: 'db.example.com',
    ca: pair.cert,
    cert: pair.cert,
    key: pair.key,
  });
  assert.throws(
    () =>
      address('postgres://me@db.example.com/scim?sslrootcert=/none', () => {
        throw new Error('ENOENT');
      }),
    /sslrootcert cannot be read/,
  );
});

test('a client certificate and its key go together, or it is said what is wrong with them', () => {
  const [own, other] = [certificate('scim'), certificate('other')];
  const told = (query: string, files: Record<string, string>, message: RegExp): void =>
    assert.throws(() => address(`postgres://me@db.example.com/scim?${query}`, (path) => files[path]!), {
      code: 'STORE_ADDRESS',
      message,
    });
  const both = 'sslcert=/c.pem&sslkey=/k.pem';
  told(both, { '/c.pem': own.cert, '/k.pem': other.key }, /sslkey is not the key of the certificate in sslcert/);
  told(both, { '/c.pem': own.cert, '/k.pem': 'notes' }, /not both PEM, the key without a passphrase/);
  told('sslcert=/c.pem', { '/c.pem': own.cert }, /sslcert and sslkey go together/);
});

test('a relative path of a certificate says from where it counts when it leads nowhere', () => {
  const nowhere = (): string => {
    throw new Error('ENOENT');
  };
  assert.throws(() => address('postgres://me@db.example.com/scim?sslrootcert=ca.pem', nowhere), {
    code: 'STORE_ADDRESS',
    message: /the file of sslrootcert cannot be read; .*folder in which the command runs/,
  });
});

test('an authority that is no PEM is told as such, and not taken for none', () => {
  const url = 'postgres://me@db.example.com/scim?sslrootcert=/ca.der';
  assert.throws(() => address(url, () => '0\u0082\u0003'), {
    code: 'STORE_TLS',
    message: /sslrootcert holds no certificate in PEM/,
  });
});

test('a socket folder may stand in the place of the host, as libpq takes it', () => {
  const socket = address('postgres://me@%2Frun%2Fpostgresql:5433/scim?sslmode=disable');
  assert.deepEqual([socket.host, socket.port, socket.ssl], ['/run/postgresql', 5433, false]);
  refused('postgres://ana:s3cret@one%2Ctwo/scim', /several hosts/);
});

test('several hosts in one URL are told as such', () => {
  for (const url of [
    'postgres://ana:s3cret@one:5432,two:5432/scim',
    'postgres://ana:s3cret@one,two/scim',
    'postgres://ana:s3cret@/scim?host=one,two',
    'postgres://ana:s3cret@one/scim?port=5432,5433',
  ])
    refused(url, /it names several hosts: name the one that always leads to the server in charge/);
  assert.equal(address('postgres://ana:a,b@127.0.0.1/scim').password, 'a,b');
});

test('what is wrong with a URL is said without quoting it', () => {
  refused('postgres://me:s3cret/x@host/scim', /no URL/);
  refused('postgres://me:s3cret@host:99999/scim', /port is a number up to 65535/);
  refused('postgres://me:s3cret@host', /no database/);
  refused('postgres://:s3cret@host/scim', /no user/);
  refused('postgres://me:s3cret@host/scim?channel=s3cret', /parameter channel is not known/);
  refused('postgres://me:s3cret%ZZ@host/scim', /hexadecimal/);
  refused('postgres://me:s3cret@host/scim?host=h&port=0', /port/);
});

test('a parameter that stands there twice is refused: which of them counts is not ours to find out', () => {
  refused('postgres://me:s3cret@h/scim?sslmode=verify-full&sslmode=disable', /sslmode stands there twice/);
  refused('postgres://me:s3cret@h/scim?host=a&host=a', /host stands there twice/);
});

test('only postgres URLs are PostgreSQL', () => {
  assert.ok(isPostgres('postgres://x/y') && isPostgres('postgresql://x/y'));
  assert.ok(!isPostgres('sqlite:./postgres://x') && !isPostgres('postgres:x'));
});

test('sslrootcert=system stands for the authorities that the machine trusts', () => {
  const read = (): string => assert.fail('it is no file');
  const { ssl } = address('postgres://me@db.example.com/scim?sslmode=verify-full&sslrootcert=system', read);
  assert.ok(ssl !== false && Array.isArray(ssl.ca) && ssl.ca.every((one) => String(one).includes('BEGIN CERTIFICATE')));
});

test('a parameter that is not known is told with those that are', () => {
  refused(
    'postgres://me:s3cret@h/scim?target_session_attrs=read-write',
    /target_session_attrs is not known; .*sslrootcert/,
  );
  refused('postgres://me:s3cret@h/scim?options=-c%20search_path%3Dx', /options is not known; .*sslrootcert/);
});
