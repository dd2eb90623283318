import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';

const FULL = `
server: { listen: "[::1]:9000", externalUrl: "https://scim.example.com/base" }
database: sqlite:./data/x.db
connections:
  okta: { profile: okta }
  entra: { profile: entra, primary: true, controllers: [ci-b] }
controllers:
  ci-main:
    url: https://ci.example.com
    user: jenkins-scim
    apiToken: { file: ./token }
    breakGlass: admin
    tls: { ca: ./ca.pem }
guard: { losses: { disableUsers: { count: 3 } } }
`;

function parse(text: string, environment: Record<string, string> = {}) {
  return parseConfig(text, { file: 'jenkins-scim.yaml', folder: '/etc/scim', environment });
}

function good(text: string, environment: Record<string, string> = {}) {
  const result = parse(text, environment);
  assert.deepEqual(
    result.problems.map((problem) => problem.message),
    [],
  );
  return result.config!;
}

test('a document is filled with defaults and resolved against its folder', () => {
  const config = good(FULL);
  assert.deepEqual(config.server, {
    listen: { host: '::1', port: 9000 },
    externalUrl: 'https://scim.example.com/base/',
  });
  assert.equal(config.database, 'sqlite:/etc/scim/data/x.db');
  assert.equal(config.policy, '/etc/scim/policy.yaml');
  assert.deepEqual(
    config.connections.map(({ name, primary }) => [name, primary]),
    [
      ['okta', false],
      ['entra', true],
    ],
  );
  const controller = config.controllers[0]!;
  assert.equal(controller.name, 'ci-main');
  assert.equal(controller.url, 'https://ci.example.com/');
  assert.equal(controller.mode, 'observe');
  const names = { user: 'userName', group: 'displayName', transform: 'none', stripDomain: false };
  assert.deepEqual(controller.identity, names, 'what the identity provider says, as it says it');
  assert.deepEqual(controller.apiToken, { file: '/etc/scim/token', from: 'jenkins-scim.yaml:11' });
  assert.deepEqual(controller.breakGlass, ['admin']);
  assert.deepEqual(controller.tls, { ca: '/etc/scim/ca.pem' });
  assert.deepEqual(config.guard.losses.disableUsers, { count: 3, percent: 10, atLeast: 5 });
  assert.equal(config.guard.gains.window, 24 * 3_600_000);
  assert.equal(config.limits.body, 16 * 1024 * 1024);
});

test('an empty document is valid and the first connection is primary', () => {
  assert.equal(good('').connections.length, 0);
  assert.equal(good('connections: { a: {}, b: {} }').connections[0]!.primary, true);
});

const CONTROLLER = 'controllers: { c: { url: https://c/, user: u, apiToken: { env: T }';
const REFUSED: readonly (readonly [string, string, string, string])[] = [
  [
    'an unknown key, with the nearest',
    'server:\n  lisen: 127.0.0.1:1',
    'CFG_UNKNOWN_KEY',
    'jenkins-scim.yaml:2: unknown key server.lisen; did you mean listen?',
  ],
  ['an unknown key without a near one', 'zzzzzzz: 1', 'CFG_UNKNOWN_KEY', 'jenkins-scim.yaml:1: unknown key zzzzzzz'],
  [
    'an inline secret, without quoting it',
    `controllers:\n  c:\n    url: https://c/\n    user: u\n    apiToken: hunter2`,
    'CFG_INVALID',
    'jenkins-scim.yaml:5: controllers.c.apiToken: a secret is given by reference only: { env: NAME } or { file: PATH }',
  ],
  [
    'a missing key',
    'controllers:\n  c:\n    url: https://c/\n    apiToken: { env: T }',
    'CFG_INVALID',
    'jenkins-scim.yaml:2: controllers.c.user: is required',
  ],
  ['broken YAML', 'server: {', 'CFG_SYNTAX', 'jenkins-scim.yaml:1: '],
  ['bytes that are no UTF-8', 'keys: a\npolicy: K\ufffdln', 'CFG_SYNTAX', 'jenkins-scim.yaml:2: it is not UTF-8'],
  ['two documents', 'policy: a\n---\nkeys: b', 'CFG_SYNTAX', 'jenkins-scim.yaml:2: a second document begins here'],
  [
    'a duplicate key',
    'policy: a\npolicy: b',
    'CFG_SYNTAX',
    'jenkins-scim.yaml:2: the key policy stands twice in one mapping',
  ],
  [
    'a duplicate key in a list, the first of two',
    'x:\n  - y: 1\n    y: 2\n  - z: 1\n    z: 2',
    'CFG_SYNTAX',
    'jenkins-scim.yaml:3: the key y stands twice in one mapping',
  ],
  ...['?q=1', '#h'].map((behind): (typeof REFUSED)[number] => [
    `a URL with ${behind} behind it`,
    `controllers:\n  c:\n    url: 'https://ci.example.com/${behind}'\n    user: u\n    apiToken: { file: ./t }`,
    'CFG_INVALID',
    'jenkins-scim.yaml:3: controllers.c.url: a base URL has neither a query nor a fragment',
  ]),
  [
    'a key as a number and as a text',
    '1: a\n"1": b',
    'CFG_SYNTAX',
    'jenkins-scim.yaml:2: the key 1 stands twice in one mapping',
  ],
  [
    'lists in lists without end',
    `keys: ${'['.repeat(20_000)}`,
    'CFG_SYNTAX',
    'jenkins-scim.yaml:1: It is nested deeper',
  ],
  [
    'a key that JavaScript would lose',
    'keys: a\n__proto__: {}',
    'CFG_UNKNOWN_KEY',
    'jenkins-scim.yaml:2: unknown key __proto__',
  ],
  ['a tag that nobody knows', 'keys: !path a', 'CFG_SYNTAX', 'jenkins-scim.yaml:1: Unresolved tag: !path'],
  [
    'a key that is a mapping',
    '{ a: b }: c',
    'CFG_SYNTAX',
    'jenkins-scim.yaml:1: With stringKeys, all keys must be strings',
  ],
  [
    'a driver of a later version',
    `${CONTROLLER}, driver: rest } }`,
    'CFG_LATER',
    'jenkins-scim.yaml:1: controllers.c.driver: rest is not in this version',
  ],
  [
    'grants of a later version',
    `${CONTROLLER}, grants: hybrid } }`,
    'CFG_LATER',
    'jenkins-scim.yaml:1: controllers.c.grants: hybrid is not in this version',
  ],
  [
    'names of groups by externalId, which would be passed over',
    `${CONTROLLER}, identity: { group: externalId } } }`,
    'CFG_LATER',
    'jenkins-scim.yaml:1: controllers.c.identity.group: externalId is not in this version',
  ],
  [
    'an attribute as the Jenkins id that the connection does not trust',
    `connections: { o: { trustedAttributes: [userNam] } }\n${CONTROLLER} } }`,
    'CFG_INVALID',
    'jenkins-scim.yaml:1: connections.o.trustedAttributes: lacks userName, which is the Jenkins id on c (controllers.c.identity.user)',
  ],
  [
    'another database, without its password',
    'database: mysql://u:pw@h/db',
    'CFG_LATER',
    'jenkins-scim.yaml:1: database: mysql is not in this version',
  ],
  [
    'webhooks',
    'notify: [{ url: https://x }]',
    'CFG_LATER',
    'jenkins-scim.yaml:1: notify: webhooks is not in this version',
  ],
  [
    'an open address in the clear',
    'server: { listen: 0.0.0.0:80 }',
    'CFG_LISTEN',
    'jenkins-scim.yaml:1: listen 0.0.0.0:80 is not loopback and neither tls nor behindProxy is set',
  ],
  [
    'credentials in a URL',
    'controllers: { c: { url: https://u:p@c/, user: u, apiToken: { env: T } } }',
    'CFG_INVALID',
    'jenkins-scim.yaml:1: controllers.c.url: a URL never holds credentials; use user and apiToken',
  ],
  ['a duration without unit', 'sync: { timeout: 60 }', 'CFG_INVALID', 'jenkins-scim.yaml:1: sync.timeout: '],
  [
    'two names of one controller',
    'controllers: { a: { url: "https://ci.test/jenkins", user: u, apiToken: { env: T } }, b: { url: "https://CI.test:443/jenkins/", user: v, apiToken: { env: U } } }',
    'CFG_INVALID',
    'jenkins-scim.yaml:1: controllers.b.url: the address of the controller a, too: one Jenkins has one name here',
  ],
  [
    'two primary connections',
    'connections: { a: { primary: true }, b: { primary: true } }',
    'CFG_INVALID',
    'jenkins-scim.yaml:1: connections: only one connection can be primary',
  ],
  [
    'a client certificate without key',
    `${CONTROLLER}, tls: { cert: a.pem } } }`,
    'CFG_INVALID',
    'jenkins-scim.yaml:1: controllers.c.tls: cert and key come together',
  ],
  ['a list as document', '[1]', 'CFG_INVALID', 'jenkins-scim.yaml: (document): '],
  ...['10.0.0.0/33', '999.0.0.0/8', '2001:db8::/129', '1.2.3', '::1::/8', '10.0.0.0/', 'beef'].map(
    (network): [string, string, string, string] => [
      `a proxy that is no network: ${network}`,
      `server: { behindProxy: ['${network}'] }`,
      'CFG_INVALID',
      'jenkins-scim.yaml:1: server.behindProxy.0: write an address or a CIDR, e.g. 10.0.0.0/8',
    ],
  ),
  ...[
    ['10.0.0.5/8', '10.0.0.0/8', '10.0.0.5'],
    ['255.255.255.255/0', '0.0.0.0/0', '255.255.255.255'],
    ['192.0.2.129/25', '192.0.2.128/25', '192.0.2.129'],
    ['2001:DB8::7/32', '2001:db8::/32', '2001:db8::7'],
    ['::ffff:10.0.0.5/104', '::ffff:a00:0/104', '::ffff:10.0.0.5'],
    ['1::/0', '::/0', '1::'],
  ].map(([text, network, address]): [string, string, string, string] => [
    `a proxy that is an address in a network: ${text}`,
    `server: { behindProxy: ['${text}'] }`,
    'CFG_INVALID',
    `jenkins-scim.yaml:1: server.behindProxy.0: write ${network} for the network, or ${address} for the address alone`,
  ]),
  ...[
    ['limits: { jsonDepth: 0 }', 'limits.jsonDepth: at least 4'],
    ['guard: { losses: { revokeGrants: { percent: 101 } } }', 'guard.losses.revokeGrants.percent: at most 100'],
    [`${CONTROLLER}, labels: [env] } }`, 'controllers.c.labels: expected mapping, received list'],
    ['controllers: { c: { url: https://c/, user: "", apiToken: { env: T } } }', 'controllers.c.user: is empty'],
    ['guard: { gains: { createRoles: 1.5 } }', 'guard.gains.createRoles: expected whole number, received number'],
    ['sync: { fullEvery: 0s }', 'sync.fullEvery: a duration from 1s to 24d'],
    // A timer of more than 2^31 ms fires at once.
    ['sync: { fullEvery: 30d }', 'sync.fullEvery: a duration from 1s to 24d'],
    ['sync: { fingerprintEvery: 10ms }', 'sync.fingerprintEvery: a duration from 1s to 24d'],
    ['sync: { timeout: 0s }', 'sync.timeout: a duration from 1s to 1h'],
    ['guard: { losses: { window: 0m } }', 'guard.losses.window: a duration from 1m to 366d'],
    ['guard: { gains: { window: 1s } }', 'guard.gains.window: a duration from 1m to 366d'],
    ['limits: { body: 0MB }', 'limits.body: a size from 1KB to 256MB'],
    ['limits: { body: 2GB }', 'limits.body: a size from 1KB to 256MB'],
    ['database: 5', 'database: write sqlite:./path/to/file.db, or { env: NAME }'],
    ['database: {}', 'database.env: is required'],
    ['database: { file: x, env: Y }', 'unknown key database.file'],
    ['connections: { a: { limits: { requestsPerSecond: fast } } }', 'connections.a.limits.requestsPerSecond: write a'],
    [`${CONTROLLER}, breakGlass: 5 } }`, 'controllers.c.breakGlass: write the name of an account, or a list of them'],
    [`${CONTROLLER}, breakGlass: [ok, 5] } }`, 'controllers.c.breakGlass.1: expected text, received number'],
    ['extensions: { "urn:a:b:c": { attributes: { d: { type: text } } } }', 'extensions.urn:a:b:c.attributes.d.type: '],
    [
      'extensions: { "urn:a:b:c": { attributes: { d: { returned: no } } } }',
      'extensions.urn:a:b:c.attributes.d.returned: ',
    ],
  ].map(([text, message]): [string, string, string, string] => [
    `${text}`,
    `${text}`,
    message!.startsWith('unknown') ? 'CFG_UNKNOWN_KEY' : 'CFG_INVALID',
    `jenkins-scim.yaml:1: ${message}`,
  ]),
];

for (const [name, text, code, message] of REFUSED)
  test(`refused: ${name}`, () => {
    const { problems } = parse(text);
    assert.equal(problems.length, 1, problems.map((problem) => problem.message).join('\n'));
    assert.equal(problems[0]!.code, code);
    assert.ok(problems[0]!.message.startsWith(message), problems[0]!.message);
    assert.ok(!/hunter2|pw@/.test(problems[0]!.message));
  });

test('a controller that is off may have the address of another, e.g. by its former name', () => {
  const one = (mode: string): string =>
    `{ url: "https://ci.test/", mode: ${mode}, user: u, apiToken: { env: T }, breakGlass: admin }`;
  good(`controllers: { old: ${one('off')}, new: ${one('enforce')}, older: ${one('off')} }`);
});

test('a file of 20,000 keys is read in a time that grows with it, not with its square', () => {
  const took = (keys: number): number => {
    const text = Array.from({ length: keys }, (_, index) => `  k${index}: {}`).join('\n');
    const before = process.cpuUsage();
    assert.ok(parse(`controllers:\n${text}`).problems.length >= keys);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  took(500);
  const small = took(2_500);
  const large = took(20_000);
  assert.ok(large < 30 * small, `${large / small} times the time for 8 times the keys`);
});

test('all problems are told, not the first only', () => {
  assert.equal(parse('servr: {}\npolcy: x').problems.length, 2);
});

test('certificate checks cannot be off for the process', () => {
  assert.equal(parse('', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }).problems[0]?.code, 'CFG_TLS_DISABLED');
});

test('a variable that names the other place of a secret takes the place of the one in the file', () => {
  const text = 'controllers: { ci-main: { url: "https://ci.example.com/", user: s, apiToken: { file: ./token } } }';
  const { apiToken } = good(text, { JENKINS_SCIM__CONTROLLERS__CI_MAIN__APITOKEN__ENV: 'CI_MAIN_TOKEN' })
    .controllers[0]!;
  assert.ok('env' in apiToken && !('file' in apiToken), JSON.stringify(apiToken));
  assert.equal(apiToken.env, 'CI_MAIN_TOKEN');
});

test('two variables that name two places of one secret are refused: which of them counts is for nobody to guess', () => {
  const text = 'controllers: { ci: { url: "https://ci.example.com/", user: s, apiToken: { file: ./token } } }';
  const { problems } = parse(text, {
    JENKINS_SCIM__CONTROLLERS__CI__APITOKEN__ENV: 'A',
    JENKINS_SCIM__CONTROLLERS__CI__APITOKEN__FILE: './other',
  });
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['CFG_INVALID'],
  );
  assert.match(problems[0]!.message, /APITOKEN__\w+: .*does not go together with what stands beside it/);
});

test('both places of one secret are refused as what does not go together, not as a key that nobody knows', () => {
  const text = 'controllers: { ci: { url: "https://ci.example.com/", user: s, apiToken: { env: A, file: ./token } } }';
  assert.deepEqual(
    parse(text).problems.map(({ message }) => message),
    ['jenkins-scim.yaml:1: controllers.ci.apiToken.file: does not go together with what stands beside it'],
  );
});

test('the environment overrides by path', () => {
  const config = good(FULL, {
    JENKINS_SCIM__SERVER__LISTEN: '127.0.0.1:0',
    JENKINS_SCIM__CONTROLLERS__CI_MAIN__MODE: 'enforce',
    JENKINS_SCIM__SERVER__EXTERNALURL: 'https://other.example.com/',
    JENKINS_SCIM__LIMITS__JSONDEPTH: '12',
  });
  assert.deepEqual(config.server.listen, { host: '127.0.0.1', port: 0 });
  assert.equal(config.controllers[0]!.mode, 'enforce');
  assert.equal(config.server.externalUrl, 'https://other.example.com/');
  assert.equal(config.limits.jsonDepth, 12);
});

test('a variable that names no key is an error', () => {
  const { problems } = parse('', { JENKINS_SCIM__SERVER__LISTN: 'x' });
  assert.equal(
    problems[0]?.message,
    'environment variable JENKINS_SCIM__SERVER__LISTN: unknown key server.LISTN; did you mean listen?',
  );
});

test('what a variable got wrong is told by the name of the variable, not by a line of the file', () => {
  const messages = (text: string, environment: Record<string, string>) =>
    parse(text, environment).problems.map(({ message }) => message);
  assert.deepEqual(messages('server: { listen: 127.0.0.1:1 }', { JENKINS_SCIM__SERVER__LISTEN: 'bogus' }), [
    'environment variable JENKINS_SCIM__SERVER__LISTEN: server.listen: write host:port, e.g. 127.0.0.1:8080',
  ]);
  const beside = messages('controllers: {}', { JENKINS_SCIM__CONTROLLERS__CI__MODE: 'enforce' });
  assert.equal(beside.length, 3);
  for (const message of beside)
    assert.match(message, /^environment variable JENKINS_SCIM__CONTROLLERS__CI__MODE: controllers\.ci\.\w+: /);
  assert.deepEqual(messages(`${CONTROLLER}, mode: of } }`, { JENKINS_SCIM__CONTROLLERS__C__DRIVER: 'auto' }), [
    'jenkins-scim.yaml:1: controllers.c.mode: expected one of "off"|"observe"|"add-only"|"enforce"',
  ]);
});

test('a connection that is limited to other controllers need not trust what is the id on this one', () => {
  good(`connections: { o: {}, e: { controllers: [x-*], trustedAttributes: [active] } }\n${CONTROLLER} } }`);
});

test('a level of the log that there is not is refused, with the nearest', () => {
  assert.deepEqual(
    parse('', { JENKINS_SCIM_LOG: 'debgu' }).problems.map(({ code, message }) => [code, message]),
    [
      [
        'CFG_INVALID',
        'environment variable JENKINS_SCIM_LOG: level: expected one of debug, info, warn, error, silent; did you mean debug?',
      ],
    ],
  );
  for (const level of ['silent', '']) good('', { JENKINS_SCIM_LOG: level });
});

test('the URL of a PostgreSQL server stands in a variable, never in the file: it has a password', () => {
  const url = 'postgres://u:pw@h/d';
  assert.equal(good('database: { env: DB }', { DB: url }).database, url);
  const [problem] = parse(`database: ${url}`).problems;
  assert.equal(problem?.code, 'CFG_INVALID');
  assert.match(problem?.message ?? '', /env: NAME/);
  assert.doesNotMatch(problem?.message ?? '', /pw/);
});

test('the database can stand in a variable', () => {
  assert.equal(good('database: { env: DB }', { DB: 'sqlite:./a.db' }).database, 'sqlite:/etc/scim/a.db');
  assert.equal(
    parse('\ndatabase: { env: DB }').problems[0]?.message,
    'jenkins-scim.yaml:2: database: the variable DB is not set, or empty',
  );
  assert.equal(parse('database: { env: DB }', { DB: 'mysql://u:pw@h/d' }).problems[0]?.code, 'CFG_LATER');
});

test('an alias is a syntax error with its line, never a crash', () => {
  const text = 'connections:\n  a: &x { profile: okta }\n  b: *x\n';
  const found = parse(text).problems.map(({ code, message }) => [code, message]);
  assert.deepEqual(found, [['CFG_SYNTAX', 'jenkins-scim.yaml:3: aliases (*name) are not understood here']]);
  assert.equal(parse('a: &a [*a, *a, *a]').problems[0]?.code, 'CFG_SYNTAX');
  assert.equal(parse('connections: *missing').problems[0]?.code, 'CFG_SYNTAX');
});

test('a name that is none, and broken YAML, are told in plain words with the place once', () => {
  assert.deepEqual(
    [parse('controllers:\n  A B: { url: https://ci/, user: u, apiToken: { env: T } }'), parse('a: [\n')].map(
      ({ problems }) => problems[0]?.message,
    ),
    [
      'jenkins-scim.yaml:2: controllers.A B: a name has 1 to 63 of a-z 0-9 . _ - and starts with a letter or digit',
      'jenkins-scim.yaml:2: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  );
});

test('a database in a variable that is no URL is refused without its password', () => {
  for (const [text, environment] of [
    ['database: { env: DB }', { DB: 'host=h user=u password=s3cret dbname=d' }],
    ['database: host=h user=u password=s3cret dbname=d', {}],
  ] as const) {
    const { problems } = parse(text, environment);
    assert.equal(problems.length, 1);
    assert.doesNotMatch(JSON.stringify([problems[0]!.message, problems[0]!.details]), /s3cret/);
  }
});

test('a database in a variable may be written with blanks around it and its scheme in capitals', () => {
  for (const [written, database] of [
    [' postgres://me@localhost/scim\r\n', 'postgres://me@localhost/scim'],
    ['POSTGRES://Me@localhost/Scim', 'postgres://Me@localhost/Scim'],
    ['PostgreSQL://me@localhost/scim', 'postgresql://me@localhost/scim'],
    ['SQLite::memory:', 'sqlite::memory:'],
  ])
    assert.equal(parse('database: { env: DB }', { DB: written! }).config?.database, database);
});

test('a database that begins with a quotation mark, or with words, is told as such', () => {
  for (const quote of ['"', "'"]) {
    const { problems } = parse('database: { env: DB }', { DB: `${quote}postgres://me:s3cret@localhost/scim${quote}` });
    assert.match(problems[0]!.message, /database: the variable begins with a quotation mark; write the URL without/);
  }
  const { problems } = parse('database: { env: DB }', { DB: 'psql postgres://me:s3cret@localhost/scim' });
  assert.match(problems[0]!.message, /database: it is no URL: write sqlite:\.\/path or postgres:\/\//);
  assert.doesNotMatch(problems[0]!.message, /s3cret/);
});

test('networks are taken by their first address, and single addresses', () => {
  const networks = [
    '10.0.0.0/8',
    '10.0.0.5',
    '10.0.0.5/32',
    '0.0.0.0/0',
    '::/0',
    '2001:db8::/32',
    '2001:DB8::7',
    '2001:db8:0:1:8000::/65',
  ];
  const { config } = parse(`server: { behindProxy: [${networks.map((one) => `'${one}'`).join(', ')}] }`);
  assert.deepEqual(config?.server.behindProxy, networks);
});
