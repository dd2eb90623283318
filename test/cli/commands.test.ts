import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { OlderList } from '../../src/cli/answers.ts';
import type { Engine } from '../../src/cli/engine.ts';
import { version } from '../../src/cli/version.ts';
import { refuse } from '../../src/errors.ts';
import { temporaryFolder } from '../store/open.ts';
import { CERTIFICATE, fakeEngine, run } from './fake.ts';

const folder = temporaryFolder({ after });
const config = join(folder, 'jenkins-scim.yaml');
writeFileSync(
  config,
  'connections: { okta: {} }\ncontrollers: { ci: { url: https://ci/, user: u, apiToken: { env: T } } }\n',
  { mode: 0o600 },
);
const saved = join(folder, 'plan.json');
writeFileSync(saved, '{"digest":"d1"}');
const at = (...words: string[]): string[] => ['--config', config, ...words];

const SIGNING = {
  ...{ id: 't2', kind: 'client' as const, connection: 'okta', scopes: [], token: null, createdAt: 'c' },
  ...{ expiresAt: null, lastUsedAt: null, revokedAt: null },
};
const held: Partial<Engine> = {
  held: async () => [
    { digest: 'abcdef0123456789', controller: 'ci', steps: 4, ceiling: 'losses', reason: 'group emptied', since: 's' },
  ],
};
const rejected: Partial<Engine> = {
  held: async () => (await held.held!()).map((item) => ({ ...item, reason: 'rejected; many', rejected: true })),
};
const failing: Partial<Engine> = { apply: async () => [{ controller: 'ci', verified: 1, failed: 1, held: 1 }] };
const holding: Partial<Engine> = { apply: async () => [{ controller: 'ci', verified: 1, failed: 0, held: 3 }] };
const ghost: Partial<Engine> = {
  ghosts: async () => ({
    ghosts: [{ controller: 'ci', id: 'x', grants: ['r'], tokens: 1, sshKeys: 0, sessions: 0, why: 'left' }],
    unread: [],
  }),
};

const entry = {
  ...{
    controller: 'ci',
    id: 'ana',
    person: 'p1',
    user: "ana o'hara",
    connection: 'okta',
    takenOver: true,
    former: 'entra',
  },
  ...{ linkedAt: '2026-11-27T08:00:00.000Z', askedAt: '2026-11-27T08:00:01.000Z', record: 'Ana' },
  tokens: [
    { uuid: 'u1', name: 'lap\u001b[2Jtop', legacy: false, createdAt: '2025-01-01T00:00:00.000Z' },
    { uuid: 'u2', name: 'old', legacy: true, lastUsedAt: '2026-01-01T00:00:00.000Z' },
  ],
  ...{ tokenCount: 60, sshKeys: [{ type: 'ssh-rsa', fingerprint: 'SHA256:x' }, { type: '' }], sshKeyCount: 3 },
  ...{ sshSessions: 1, password: true, credentials: 2 },
};
const HELD = 'it is on hold since a restore: `jenkins-scim resume controller ci-main` ends that';
const olderOf = (list: OlderList): Partial<Engine> => ({
  older: {
    list: async () => list,
    ask: async () => ({ asked: [{ controller: 'ci', ids: 0, error: HELD }], ...list }),
    keep: async () => 0,
    revoke: async () => [{ controller: 'ci', verified: 4, failed: 1, held: 0 }],
  },
});

/** Words, exit code, what the engine was asked, what is printed. */
const TABLE: readonly (readonly [string[], number, readonly unknown[] | undefined, RegExp, Partial<Engine>?])[] = [
  [['plan'], 2, ['plan', {}], /the plan/],
  [['plan', '--controller', 'ci', '--user', 'ana'], 2, ['plan', { controller: 'ci', user: 'ana' }], /the plan/],
  [['apply'], 0, ['apply', {}], /ci: 1 verified/],
  [['apply', saved], 0, ['apply', { saved: { digest: 'd1' } }], /ci: 1 verified/],
  [['apply', '--allow-loss', 'd9'], 0, ['apply', { allowLoss: 'd9' }], /1 verified/],
  [['apply'], 1, undefined, /1 FAILED, 1 held/, failing],
  [['apply'], 2, undefined, /3 held\nHeld steps wait/, holding],
  [['quarantine', 'list'], 0, ['held'], /Nothing is held/],
  [['quarantine', 'list'], 2, undefined, /abcdef012345 {2}ci/, held],
  [['quarantine', 'list'], 0, undefined, /abcdef012345 {2}ci[\s\S]*rejected; many/, rejected],
  [['quarantine', 'show', 'abc'], 2, ['showHeld', 'abc'], /the plan/],
  [['quarantine', 'release', 'abc'], 0, ['release', 'abc'], /Nothing to do/],
  [['quarantine', 'reject', 'abc'], 0, ['reject', 'abc'], /2 step\(s\) rejected/],
  [
    ['adopt', '--role', 'qa'],
    0,
    ['adopt', { role: 'qa' }],
    /3 roles and entries adopted[\s\S]*at once: jenkins-scim sync\n$/,
  ],
  [
    ['recover', '--ledger', saved],
    0,
    undefined,
    /on hold\.\nStart the service, make a token, and have the identity provider push everybody[\s\S]*and last `jenkins-scim resume all`/,
  ],
  [['disown'], 0, ['disown', {}], /unmanaged/],
  [['sync', 'ana'], 0, ['sync', { user: 'ana' }], /Nothing to do/],
  [['clock', 'show'], 2, ['clock.show'], /34531200 s behind[\s\S]*helper \(until 2027-03-31/],
  [['clock', 'accept', '--yes'], 0, ['clock.accept'], /Time goes on from 2026-11-27T08/],
  [['pause'], 0, ['pause', { kind: 'all' }], /Paused: all/],
  [['resume', 'controller', 'ci'], 0, ['resume', { kind: 'controller', name: 'ci' }], /Resumed: controller ci/],
  [
    ['explain', 'ana', '--permission', 'Job/Build'],
    0,
    ['explain', 'ana', { permission: 'Job/Build' }],
    /because rule devs \(policy.yaml:9\) by group ci-pay-dev\\u001b\[2J/,
  ],
  [
    ['leaver', 'ana', '--now'],
    0,
    ['leaver', 'ana', { now: true }],
    /residual running build[\s\S]*Complete: every step is verified\. What is residual/,
  ],
  [
    ['leaver', 'ana', '--now'],
    1,
    undefined,
    /residual running build[\s\S]*\n {2}dead did not do it: JEN_UNREACHABLE: it\n {2}Complete/,
    {
      leaver: async () => ({ ...CERTIFICATE, undone: [{ controller: 'dead', error: 'JEN_UNREACHABLE: it' }] }),
    },
  ],
  [['apply', saved, '--allow-loss', 'd9'], 64, undefined, /^$/],
  [['ghosts'], 0, ['ghosts'], /No ghosts/],
  [['ghosts'], 2, undefined, /left/, ghost],
  [
    ['ghosts'],
    1,
    undefined,
    /left\ndead: could not be read: JEN_UNREACHABLE/,
    {
      ghosts: async () => ({
        ...(await ghost.ghosts!(() => {})),
        unread: [{ controller: 'dead', error: 'JEN_UNREACHABLE: it' }],
      }),
    },
  ],
  [['older', 'list'], 0, ['older.list', {}], /Nothing is older than its link/],
  [['older', 'list', '--controller', 'ci'], 0, ['older.list', { controller: 'ci' }], /Nothing is older/],
  [
    ['older', 'list'],
    2,
    undefined,
    /ci {2}ana {2}ana o'hara of okta {2}TAKEN OVER\n {2}linked 2026-11-27T08:00:00\.000Z, the id of somebody of entra before\n/,
    olderOf({ older: [entry], unasked: [] }),
  ],
  [
    ['older', 'list'],
    2,
    undefined,
    /record Ana holds 60 token\(s\), 3 SSH key\(s\), 1 open SSH or CLI\s+connection\(s\), a\s+local password, 2 credential\(s\) of the user\n/,
    olderOf({ older: [entry], unasked: [] }),
  ],
  [
    ['older', 'list'],
    2,
    undefined,
    /token lap\\u001b\[2Jtop, made 2025-01-01\S+, never used\n {2}token old \(legacy\), last used 2026-01-01\S+\n {2}and 58 more token\(s\)/,
    olderOf({ older: [entry], unasked: [] }),
  ],
  [
    ['older', 'list'],
    2,
    undefined,
    /key ssh-rsa SHA256:x\n {2}key {2}\(not readable\)\n {2}and 1 more key\(s\)\n[\s\S]*older keep 'ana o'\\''hara'\n[\s\S]*older\s+revoke 'ana o'\\''hara'/,
    olderOf({ older: [entry], unasked: [] }),
  ],
  [
    ['older', 'list'],
    2,
    undefined,
    /record Ana could not be read: it broke\n/,
    olderOf({ older: [{ ...entry, error: 'it broke' }], unasked: [] }),
  ],
  [
    ['older', 'list'],
    2,
    undefined,
    /^ci has not told yet what 3 newly linked id\(s\) held[\s\S]*sync\s+--controller\s+ci\n$/,
    olderOf({ older: [], unasked: [{ controller: 'ci', ids: 3 }] }),
  ],
  [['older', 'ask', 'ana'], 0, ['older.ask', { user: 'ana' }], /^ci: asked about 3 id\(s\)\nNothing is older/],
  [['older', 'ask', '--all', '--controller', 'ci'], 0, ['older.ask', { controller: 'ci' }], /3 id\(s\)/],
  [
    ['older', 'ask', '--all'],
    1,
    undefined,
    /^ci: it is on hold since a restore: `jenkins-scim resume controller ci-main` ends that\nci {2}ana/,
    olderOf({ older: [entry], unasked: [] }),
  ],
  [['older', 'keep', 'ana'], 0, ['older.keep', { user: 'ana' }], /2 id\(s\) looked at; what they hold stays/],
  [['older', 'keep', '--all', '--controller', 'ci'], 0, ['older.keep', { controller: 'ci' }], /2 id\(s\)/],
  [['older', 'revoke', 'ana'], 0, ['older.revoke', { user: 'ana' }], /ci: 5 verified/],
  [
    ['older', 'revoke', 'ana', '--controller', 'ci'],
    0,
    ['older.revoke', { user: 'ana', controller: 'ci' }],
    /ci: 5 verified/,
  ],
  [['older', 'revoke', 'ana'], 1, undefined, /1 FAILED/, olderOf({ older: [], unasked: [] })],
  [['controller', 'detach', 'ci'], 0, ['detach', 'ci'], /let go\. It is configured.* once more\.\n$/],
  [['controller', 'scripts'], 0, undefined, /^SCRIPT +SHA-256 +PURPOSE\nprobe +[0-9a-f]{64} /],
  [['controller', 'scripts', 'apply'], 0, undefined, /^\/\/ Opening of every script/],
  [['controller', 'scripts', 'aply'], 64, undefined, /^$/],
  [
    ['token', 'create', '--connection', 'okta', '--expires', '1d'],
    0,
    ['tokens.create', { kind: 'scim', expiresAt: '2026-11-25T08:00:00.000Z', connection: 'okta' }],
    /^jscim_secret\n/,
  ],
  [
    ['token', 'create', '--connection', 'okta', '--scope', 'read', 'users:write', '--network', '10.0.0.0/8', '::1'],
    0,
    [
      'tokens.create',
      {
        kind: 'scim',
        connection: 'okta',
        scopes: ['read', 'users:write'],
        networks: ['10.0.0.0/8', '::1'],
        expiresAt: '2027-02-22T08:00:00.000Z',
      },
    ],
    /^jscim_secret\n/,
  ],
  [
    ['token', 'create', '--connection', 'okta', '--oauth'],
    0,
    ['tokens.createClient', { connection: 'okta', expiresAt: '2027-02-22T08:00:00.000Z' }],
    /^jscim_secret\n\nClient id: +t1\nToken endpoint: http\S+\/oauth\/token \(client_secret_basic or client_secret_post\)\n.*The secret is not shown again/,
  ],
  [
    ['token', 'create', '--connection', 'okta', '--oauth', '--public-key', saved],
    0,
    [
      'tokens.createClient',
      { connection: 'okta', expiresAt: '2027-02-22T08:00:00.000Z', publicKeys: '{"digest":"d1"}' },
    ],
    /Client id/,
  ],
  [
    ['token', 'rotate', 'start', 't1', '--grace', '2h'],
    0,
    ['tokens.startRotation', { id: 't1', grace: 7_200_000, expiresAt: '2027-02-22T08:00:00.000Z' }],
    /^jscim_next\n[\s\S]*t1 ends 2h after the first use of the new one/,
  ],
  [
    ['token', 'rotate', 'complete', 't1'],
    0,
    ['tokens.completeRotation', 't1'],
    /t1 is revoked, t2 stays.\nThe new one/,
  ],
  [['token', 'rotate', 'cancel', 't2'], 0, ['tokens.cancelRotation', 't2'], /t2 is revoked, t1 stays.\nThe one/],
  [['token', 'list'], 0, ['tokens.list'], /t1 {2}okta/],
  [['token', 'revoke', 't1'], 0, ['tokens.revoke', 't1'], /revoked/],
  [
    ['token', 'revoke', 't1', '--compromised', '--since', '24h'],
    2,
    ['tokens.compromised', { id: 't1', since: '2026-11-23T08:00:00.000Z' }],
    /t1 is revoked[\s\S]*taken back\.\nci: 2 verified, 1 held\n[\s\S]*scim\.group\.members {2}1\n[\s\S]*g1[\s\S]*quarantine list/,
  ],
  [
    ['token', 'revoke', 'jwt:entra', '--compromised', '--since', '24h'],
    2,
    ['tokens.compromised', { id: 'jwt:entra', since: '2026-11-23T08:00:00.000Z' }],
    /jwt:entra: what was issued until now is refused\. What people gain/,
  ],
  [['ledger', 'verify', '--head', 'abc'], 0, ['ledger.verify', 'abc', {}], /5 record\(s\), unbroken\. Head abc/],
  [
    ['ledger', 'verify', '--anchors', import.meta.filename],
    0,
    undefined,
    /5 record\(s\), unbroken, 2 anchor\(s\) in it/,
  ],
  [['ledger', 'verify', '--public-key', '/nowhere/key.pem'], 64, undefined, /^$/],
  [['ledger', 'public-key'], 0, undefined, /^-----BEGIN PUBLIC KEY-----\n$/],
  [['ledger', 'erase', 'ana'], 64, undefined, /^$/],
  [['ledger', 'erase', 'ana', '--yes'], 0, ['ledger.erase', 'ana'], /3 record\(s\) of ana@corp\.test tell no personal/],
  [['ledger', 'export'], 0, undefined, /^\{"seq":1\}\n\{"seq":2\}\n\{"kind":"export.end".*\}\n$/],
  [['db', 'status'], 0, ['status'], /Schema 4/],
  [['db', 'migrate'], 0, ['migrate'], /Schema|schema is at 4/],
  [['db', 'backup', join(folder, 'b.db')], 0, ['backup', join(folder, 'b.db')], /Wrote/],
  [
    ['db', 'copy', `sqlite:${join(folder, 'copy.db')}`],
    0,
    ['copy', `sqlite:${join(folder, 'copy.db')}`],
    /7 rows.*abc/s,
  ],
  [['db', 'restore', saved], 0, ['restore', saved], /on hold/],
  [
    ['serve'],
    0,
    ['serve'],
    /^\{"ready":true,"listen":"http:\/\/127.0.0.1:1","scim":"http:\/\/127.0.0.1:1\/scim\/v2"\}\n$/,
  ],
  [['policy', 'lint'], 0, undefined, /fine/],
  [['policy', 'preview', '--user', 'ana', '--group', 'g'], 0, undefined, /pay-developer/],
];

for (const [words, exit, call, text, change] of TABLE)
  test(`${words.join(' ').replaceAll(folder, '…')} exits ${exit}`, async () => {
    const ran = await run(at(...words), change);
    assert.equal(ran.exit, exit, ran.err);
    assert.match(ran.out, text);
    if (call !== undefined)
      assert.deepEqual(
        ran.calls.find(([name]) => name === call[0]),
        call,
      );
    const opened = ran.calls.filter(([name]) => !['migrate', 'restore', 'copy'].includes(name));
    if (opened.length > 0 && !words.includes('restore')) assert.equal(ran.calls.at(-1)?.[0], 'close');
  });

for (const [words] of TABLE.filter(([words]) => words[0] !== 'serve'))
  test(`${words.join(' ').replaceAll(folder, '…')} --json is one document`, async () => {
    const ran = await run(at(...words, '--json'));
    assert.equal(typeof JSON.parse(ran.out), 'object');
  });

const WRONG: readonly (readonly [string[], RegExp])[] = [
  [['nope'], /unknown command/],
  [['plan', '--nope'], /unknown option/],
  [['explain'], /missing required argument/],
  [['pause', 'connection'], /which connection/],
  [['pause', 'everything'], /not everything/],
  [['resume', 'all', 'ci-main'], /all is everything: say connection ci-main or controller ci-main/],
  [['db', 'copy', `sqlite:${folder}`], /is a folder: name a file in it/],
  [['db', 'copy', `sqlite:${join(folder, 'data', 'jenkins-scim.db')}`], /is the database that is to be copied/],
  [['token', 'create'], /--connection NAME/],
  [['token', 'create', '--connection', 'x'], /no connection called x\nRemedy: Known: okta\./],
  [['token', 'create', '--connection', 'okta', '--expires', 'soon'], /--expires takes/],
  [['token', 'create', '--operator', 'viewer'], /not in this version/],
  [['token', 'rotate', 'start'], /missing required argument/],
  [['token', 'rotate', 'start', 't1', '--grace', 'soon'], /--grace takes/],
  [['token', 'rotate', 'start', 't1', '--public-key', '/nowhere'], /cannot be read: it does not exist/],
  [['token', 'create', '--connection', 'okta', '--public-key', config], /belongs to --oauth/],
  [['token', 'create', '--metrics', '--oauth'], /--connection NAME or --metrics/],
  [['token', 'revoke', 't1', '--compromised'], /come together/],
  [['token', 'revoke', 't1', '--since', '24h'], /come together/],
  [['token', 'revoke', 't1', '--compromised', '--since', 'yesterday'], /--since takes/],
  [['token', 'revoke', 't1', '--compromised', '--since', '999999999d'], /--since is too long ago/],
  [['token', 'revoke', 't1', '--compromised', '--since', '2026-02-30'], /--since takes/],
  [['token', 'revoke', 't1', '--compromised', '--since', '2027-11-23T08:00:00Z'], /still to come/],
  [['older', 'ask'], /one person, or say --all/],
  [['older', 'keep'], /one person, or say --all/],
  [['older', 'keep', 'ana', '--all'], /one person, or say --all/],
  [['serve', '--only', 'scim'], /PostgreSQL/],
  [['serve', '--only', 'jenkins'], /scim and sync/],
  [['db', 'copy', 'NO_SUCH_VARIABLE'], /NO_SUCH_VARIABLE/],
  [['apply', config], /no saved plan/],
  [['apply', '/nowhere'], /\/nowhere cannot be read: it does not exist\n/],
  [['ledger', 'verify', '--anchors', '/nowhere'], /\/nowhere cannot be read: it does not exist\n/],
  [['db', 'backup', saved], /exists/],
  [['demo', '--jenkins', 'https://x/'], /needs --user/],
  [['init', '--provider', 'okta'], /exists; --force replaces it/],
];

for (const [words, text] of WRONG)
  test(`${words.join(' ').replaceAll(folder, '…')} is a usage error`, async () => {
    const ran = await run(at(...words));
    assert.equal(ran.exit, 64, ran.err);
    assert.match(ran.err, text);
    assert.match(ran.err, /Remedy: /);
    const json = JSON.parse((await run(at(...words, '--json'))).out);
    assert.equal(json.error.code, 'CLI_USAGE');
  });

test('ledger verify tells of records that nobody has sealed yet', async () => {
  const { ledger } = fakeEngine([]);
  const verify = async () => ({ records: 5, head: 'abc', anchors: 0, unsealed: 3 });
  const change = { ledger: { ...ledger, verify } };
  assert.match(
    (await run(at('ledger', 'verify'), change)).out,
    /^5 record\(s\), unbroken, 3 more wait for a running service/,
  );
  assert.equal(JSON.parse((await run(at('ledger', 'verify', '--json'), change)).out).unsealed, 3);
});

test('a group without its command shows the help, and is one document with --json', async () => {
  for (const words of [[], ['token'], ['db'], ['token', 'rotate'], ['help', 'nope']]) {
    const ran = await run(at(...words));
    assert.deepEqual([ran.exit, ran.out], [64, ''], words.join(' '));
    assert.match(ran.err, /Usage: jenkins-scim/);
    const json = JSON.parse((await run(at(...words, '--json'))).out);
    assert.equal(json.error.code, 'CLI_USAGE', words.join(' '));
  }
});

test('a secret that cannot be written is not made; a client that signs leaves no file', async () => {
  const start = ['token', 'rotate', 'start', 't1'];
  for (const words of [['token', 'create', '--connection', 'okta'], start])
    for (const out of [config, join(folder, 'nowhere', 'x')]) {
      const ran = await run(at(...words, '--out', out));
      assert.equal(ran.exit, 1);
      assert.match(ran.err, /CLI_FILE: /);
      assert.deepEqual(ran.calls, [['close']]);
    }
  const file = join(folder, 'none');
  const signing = { tokens: { ...fakeEngine([]).tokens, startRotation: async () => ({ ...SIGNING, replaces: 't1' }) } };
  const ran = await run(at(...start, '--out', file), signing);
  assert.match(ran.out, /no secret: the client signs/);
  assert.doesNotMatch(ran.out, /not shown again/);
  assert.throws(() => statSync(file), /ENOENT/);
});

test('an unknown controller names the known ones', async () => {
  const ran = await run(at('plan', '--controller', 'cj', '--json'));
  assert.equal(ran.exit, 1);
  assert.deepEqual(JSON.parse(ran.out).error.remedy, 'Known: ci.');
});

test('an error closes the engine and tells code, message and remedy', async () => {
  const ran = await run(at('explain', 'zoe'), {
    explain: async () => {
      throw refuse('USER_UNKNOWN', { user: 'zoe' });
    },
  });
  assert.equal(ran.exit, 1);
  assert.equal(ran.err, 'USER_UNKNOWN: Nobody is known as zoe\nRemedy: Give a userName, an externalId or a SCIM id.\n');
  assert.deepEqual(ran.calls, [['close']]);
});

test('plan --out saves for apply, for the owner only', async () => {
  const file = join(folder, 'out.json');
  await run(at('plan', '--out', file));
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).digest, 'd1');
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('plan and apply say that an older policy is in force where the file has errors', async () => {
  const policy = {
    schema: async () => ({}),
    preview: async () => assert.fail(),
    lint: async () => ({
      findings: [{ code: 'policy.unknown-role', level: 'error', subject: 'r', finding: '', remedy: '', docs: '' }],
    }),
  };
  for (const command of ['plan', 'apply']) {
    const ran = await run(at(command), {}, {}, { policy } as never);
    assert.equal(ran.exit, 1, command);
    assert.match(ran.out, /This is by an older policy, .*policy\.yaml is not in force\.\nPOL_INVALID: .* 1 error/);
    const { out } = await run(at(command, '--json'), {}, {}, { policy } as never);
    assert.equal(JSON.parse(out).policyError.code, 'POL_INVALID');
  }
  const other = await run(at('plan', '--policy', 'next.yaml'), {}, {}, { policy } as never);
  assert.equal(other.exit, 2);
});

test('token create --out writes the secret and does not show it', async () => {
  const file = join(folder, 'token');
  const ran = await run(at('token', 'create', '--connection', 'okta', '--out', file, '--json'));
  assert.ok(!ran.out.includes('jscim_secret'));
  assert.equal(readFileSync(file, 'utf8'), 'jscim_secret\n');
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('every problem of the configuration is told', async () => {
  const broken = join(folder, 'broken.yaml');
  writeFileSync(broken, 'a: 1\nb: 2\n', { mode: 0o600 });
  const ran = await run(['--config', broken, 'plan']);
  assert.equal(ran.exit, 1);
  assert.match(ran.err, /unknown key b/);
  assert.match(ran.err, /unknown key a/);
});

test('an engine is told who calls and where its files are; --by names somebody, and only by a name', async () => {
  const told: unknown[] = [];
  const modules = {
    engine: async (_config: unknown, _log: unknown, options: unknown) => {
      told.push(options);
      return fakeEngine([]);
    },
    restore: async (_config: unknown, _file: string, options: unknown) => {
      told.push(options);
      return {};
    },
  };
  const host = {
    account: 'root',
    environment: { JENKINS_SCIM_LOG: 'silent', JENKINS_SCIM__LIMITS__BODY: '1MB', HOME: '/' },
  };
  for (const words of [['held'], ['db', 'migrate'], ['db', 'restore', saved], ['serve']])
    await run(at('--by', 'ana', ...(words[0] === 'held' ? ['quarantine', 'list'] : words)), {}, host, modules);
  const runBy = {
    user: 'root',
    host: hostname(),
    version: version(),
    file: config,
    variables: ['JENKINS_SCIM__LIMITS__BODY'],
  };
  const operator = 'operator:ana (root)';
  assert.deepEqual(told, [
    { operator, runBy },
    { operator, runBy, migrate: true },
    { operator, runBy },
    { runBy, migrate: true },
  ]);
  const refused = await run(at('--by', 'a b', 'quarantine', 'list'), {}, host, modules);
  assert.equal(refused.exit, 64);
  assert.match(refused.err, /--by takes a name/);
  assert.equal(told.length, 4);
});

test('token list says of each of two in a rotation where it stands, before, in and after the grace', async () => {
  const { tokens } = fakeEngine([]);
  for (const [endsAt, state] of [
    [null, /replaced by t2 once that is used\n/],
    ['2026-11-24T08:00:00.001Z', /ends 2026-11-24T08:00:00\.001Z\n/],
    ['2026-11-24T08:00:00.000Z', /ended 2026-11-24T08:00:00\.000Z\n/],
  ] as const) {
    const old = { ...SIGNING, id: 't1', rotation: { role: 'predecessor' as const, other: 't2', endsAt } };
    const next = { ...SIGNING, rotation: { role: 'successor' as const, other: 't1', endsAt } };
    const { out } = await run(at('token', 'list'), { tokens: { ...tokens, list: async () => [old, next] } });
    assert.match(out, state);
    assert.match(out, /replaces t1\n/);
  }
});

test('a token whose key is gone is not listed as live', async () => {
  const { tokens } = fakeEngine([]);
  const list = async () => [{ ...SIGNING, keyGone: true as const }];
  const { out } = await run(at('token', 'list'), { tokens: { ...tokens, list } });
  assert.match(out, /refused: its key is not in keys\.json any more\n/);
  assert.doesNotMatch(out, /live/);
});
