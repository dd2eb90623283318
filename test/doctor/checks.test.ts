import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Capabilities } from '../../src/access/ports/controller.ts';
import type { Principal } from '../../src/access/principal.ts';
import { CODES, diagnose, exitCode } from '../../src/doctor/diagnose.ts';
import type { ControllerProbe, Probes, UsesProbe } from '../../src/doctor/probes.ts';
import { type ErrorCode, refuse } from '../../src/errors.ts';
import { NOBODY } from '../jenkins/nobody.ts';
import { CAPABILITIES, CONTROLLER, configured, HEALTHY, NOW } from './healthy.ts';

function controller(change: Partial<ControllerProbe>): Partial<Probes> {
  return { controllers: [{ ...CONTROLLER, ...change }] };
}

function failed(code: ErrorCode): Partial<Probes> {
  return { controllers: [{ config: CONTROLLER.config, error: refuse(code, { controller: 'ci' }) }] };
}

function untrusted(reason: string): Partial<Probes> {
  return { controllers: [{ config: CONTROLLER.config, error: refuse('JEN_TLS', { controller: 'ci', reason }) }] };
}

function capable(change: Partial<Capabilities>): Partial<Probes> {
  return controller({ capabilities: { ...CAPABILITIES, ...change } });
}

function written(change: Partial<ControllerProbe['config']>): Partial<Probes> {
  return controller({ config: { ...CONTROLLER.config, ...change } });
}

function external(externalUrl: string): Partial<Probes> {
  const config = configured();
  return { config: { ...config, server: { ...config.server, externalUrl } } };
}

/** The connection, limited to these controllers. */
const reaching = (controllers: string[]) => configured().connections.map((one) => ({ ...one, controllers }));

const token = { id: 't', connection: 'okta', pushes: true, revoked: false };
const { externalUrl: _, ...hidden } = configured().server;
const role = CONTROLLER.observed!.roles[0]!;
/** What the controller holds where these have its role of administrators. */
const ruled = (entries: readonly Principal[]) => ({ ...CONTROLLER.observed!, roles: [{ ...role, entries }] });
const public_ = {
  ...CONTROLLER.observed!,
  roles: [
    role,
    {
      ...role,
      name: 'all',
      permissions: ['hudson.model.Item.Build'],
      entries: [{ type: 'group' as const, id: 'authenticated' }],
    },
  ],
};

/** The connection, with so many of a hundred groups. */
const used = (count: number): Probes['connections'][number] => ({
  ...HEALTHY.connections[0]!,
  usage: [
    { connection: 'okta', what: 'groups', used: count, limit: 100 },
    { connection: 'okta', what: 'users', used: 79, limit: 100 },
  ],
});

const SERVER: NonNullable<Probes['server']> = {
  version: '18.4',
  synchronousCommit: 'on',
  fullPageWrites: true,
  mayRewriteLedger: false,
  hints: true,
  time: NOW,
  readAt: NOW,
};

const uses = (change: Partial<UsesProbe>): UsesProbe => ({
  ...{ controller: 'ci', account: 'jenkins-scim', counted: true },
  ...change,
});

/** One change to a healthy set-up and the one code that follows. */
const CASES: readonly (readonly [string, Partial<Probes>])[] = [
  ['credential.absent', { tokens: [{ ...token, revoked: true }] }],
  ['credential.expired', { tokens: [{ ...token, expiresAt: NOW - 1 }] }],
  ['credential.expiring', { tokens: [{ ...token, expiresAt: NOW + 4 * 86_400_000 }] }],
  ['credential.expiring-now', { tokens: [{ ...token, expiresAt: NOW + 3 * 86_400_000 }] }],
  [
    'credential.rotation-unfinished',
    {
      tokens: [
        { ...token, rotation: { other: 'u', role: 'predecessor', endsAt: null } },
        {
          ...token,
          id: 'u',
          createdAt: NOW - 14 * 86_400_000,
          rotation: { other: 't', role: 'successor', endsAt: null },
        },
      ],
    },
  ],
  ['controller.secret', failed('CFG_SECRET')],
  ['controller.credential', failed('JEN_CREDENTIAL')],
  ['controller.wrong-user', failed('JEN_WRONG_USER')],
  ['controller.rights', failed('JEN_FORBIDDEN')],
  ['controller.rights-by-group', controller({ observed: ruled([{ type: 'user', id: 'admin' }]) })],
  ['controller.unreachable', failed('JEN_UNREACHABLE')],
  ['controller.tls', untrusted('self-signed certificate')],
  ['controller.tls-expired', untrusted('certificate has expired')],
  [
    'controller.tls-name',
    untrusted("Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: "),
  ],
  ['controller.tls-plain', untrusted('wrong version number')],
  ['controller.timeout', failed('JEN_TIMEOUT')],
  ['controller.broken', failed('JEN_BROKEN')],
  ['controller.restarting', failed('JEN_RESTARTING')],
  ['controller.wrong-host', failed('JEN_ANSWER')],
  ['controller.realm', failed('JEN_REALM')],
  ['controller.insecure', written({ url: 'http://ci.example.com/' })],
  ['controller.strategy', failed('JEN_STRATEGY')],
  ['controller.own-account-unprotected', written({ protect: { users: ['admin'], groups: [], roles: [] } })],
  ['controller.break-glass-absent', written({ breakGlass: [] })],
  ['controller.break-glass-unprotected', written({ protect: { users: ['jenkins-*'], groups: [], roles: [] } })],
  ['controller.break-glass-powerless', written({ breakGlass: ['jenkins-rescue'] })],
  ['controller.break-glass-unusable', controller({ breakGlass: [{ ...NOBODY, id: 'admin' }] })],
  ['controller.failing', { seen: [{ controller: 'ci', problem: { at: 'a', reason: 'JEN_SCRIPT: x' } }] }],
  ['controller.other-service', { seen: [{ controller: 'ci', otherServiceAt: 'a' }] }],
  ['controller.used-by-others', { uses: [uses({ others: { count: 3, after: 'a', before: 'b' } })] }],
  ['controller.several-tokens', { uses: [uses({ tokens: 2 })] }],
  ['controller.uses-uncounted', { uses: [uses({ counted: false })] }],
  ['controller.jcasc-roles', capable({ jcasc: 'roles' })],
  ['controller.user-seeds', capable({ userSeeds: false })],
  ['controller.legacy-tokens', capable({ legacyTokens: { creationOnUserCreation: true, creationByHand: false } })],
  ['controller.sign-up', capable({ signUp: true })],
  ['controller.built-in-executors', capable({ builtInExecutors: 2 })],
  ['controller.authorities-as-roles', capable({ roleSwitches: { caseSensitive: false, authoritiesAsRoles: true } })],
  ['controller.case-sensitive-roles', capable({ roleSwitches: { caseSensitive: true, authoritiesAsRoles: false } })],
  ['controller.everyone-writes', controller({ observed: public_ })],
  ['controller.clock', capable({ time: NOW + 301_000 })],
  ['controller.clock-drifting', capable({ time: NOW - 40_000 })],
  [
    'connection.keys-unread',
    { issuers: [{ connection: 'okta', url: 'https://x.test/keys', failure: 'it answered 404' }] },
  ],
  ['url.external-absent', { config: { ...configured(), server: { ...hidden, behindProxy: ['10.0.0.0/8'] } } }],
  ['url.external-path', external('https://scim.example.com/scim/v2/')],
  ['url.external-insecure', external('http://scim.example.com/')],
  ['url.external-unreachable', { external: { failure: 'connection refused' } }],
  [
    'url.external-elsewhere',
    { external: { answer: { status: 200, headers: { 'content-type': 'text/html' }, body: '' } } },
  ],
  ['connection.none', { config: { ...configured(), connections: [] } }],
  ['connection.never-heard', { connections: [] }],
  ['connection.quota-near', { connections: [used(80)] }],
  ['connection.quota-used', { connections: [used(100)] }],
  ['connection.no-controller', { config: { ...configured(), connections: reaching(['ci', 'zz-*']) } }],
  ['connection.silent', { connections: [{ name: 'okta', lastHeard: NOW - 8 * 86_400_000 }] }],
  ['leaver.unfinished', { leavers: [{ user: 'ana', controller: 'ci', since: NOW - 90_000, held: false }] }],
  ['leaver.held', { leavers: [{ user: 'ana', controller: 'ci', since: NOW - 90_000, held: true }] }],
  [
    'leaver.earlier-id',
    { leavers: [{ user: 'ana', controller: 'ci', since: NOW - 90_000, held: false, stays: true }] },
  ],
  [
    'leaver.earlier-ids-held',
    { leavers: [{ user: 'ana', controller: 'ci', since: NOW - 90_000, held: true, stays: true }] },
  ],
  ['leaver.unconfigured', { leavers: [{ user: 'ana', controller: 'gone', since: NOW - 90_000, held: false }] }],
  ['identity.taken-over', { older: [{ controller: 'ci', found: 2, takenOver: 2, unasked: 0 }] }],
  ['identity.older-credentials', { older: [{ controller: 'ci', found: 2, takenOver: 0, unasked: 0 }] }],
  ['identity.never-asked', { neverAsked: [{ controller: 'ci', ids: 7 }] }],
  ['identity.unasked', { older: [{ controller: 'ci', found: 0, takenOver: 0, unasked: 4 }] }],
  [
    'leaver.not-enforced',
    {
      leavers: [{ user: 'ana', controller: 'ci', since: NOW - 90_000, held: false }],
      config: { ...configured(), controllers: [{ ...CONTROLLER.config, mode: 'observe' }] },
    },
  ],
  ['plan.held', { held: [{ controller: 'ci', steps: 4, until: 'release' }] }],
  ['plan.held-by-mode', { held: [{ controller: 'ci', steps: 4, until: 'mode' }] }],
  ['plan.not-releasable', { held: [{ controller: 'ci', steps: 4, until: 'cause' }] }],
  ['sync.connection-paused', { paused: [{ kind: 'connection', name: 'okta', onHold: false }] }],
  ['sync.controller-paused', { paused: [{ kind: 'controller', name: 'ci', onHold: false }] }],
  [
    'directory.not-unique',
    { notUnique: [{ type: 'User', attribute: 'urn:x:badge', count: 4, pairs: [['id-1', 'id-2']] }] },
  ],
  [
    'directory.namesake',
    { namesakes: [{ rule: 'interim', connection: 'okta', userName: 'ana@corp.test', person: 'id-2', first: 'id-1' }] },
  ],
  ['clock.behind', { clock: { now: NOW, highest: NOW + 86_400_000 } }],
  ['sync.on-hold', { paused: [{ kind: 'controller', name: 'ci', onHold: true }] }],
  [
    'storage.unusable',
    { storageError: refuse('KEY_FILE', { path: '/keys', reason: 'it is missing' }), tokens: [], connections: [] },
  ],
  ['database.full-page-writes', { server: { ...SERVER, fullPageWrites: false } }],
  ['database.ledger-rights', { server: { ...SERVER, mayRewriteLedger: true } }],
  ['database.clock', { server: { ...SERVER, time: NOW + 31_000 } }],
  ['database.pooler', { server: { ...SERVER, hints: false } }],
  ['database.synchronous-commit', { server: { ...SERVER, synchronousCommit: 'local' } }],
  ['policy.unreadable', { policyError: refuse('POL_INVALID', { path: '/policy.yaml', count: 1 }) }],
  ['storage.full', { disk: { path: '/d', writable: true, room: { available: 9, total: 100, reserve: 10 } } }],
  ['storage.filling', { disk: { path: '/d', writable: true, room: { available: 10, total: 100, reserve: 10 } } }],
  ['storage.read-only', { disk: { path: '/d', writable: false } }],
  ['storage.damaged', { disk: { path: '/d', writable: true, damage: ['row 1 missing from index'] } }],
  ['file.writable', { files: [{ path: '/p', purpose: 'policy', mode: 0o664 }] }],
  ['file.readable', { files: [{ path: '/k', purpose: 'key', mode: 0o640 }] }],
  ['file.missing', { files: [{ path: '/d', purpose: 'database' }] }],
];

test('a healthy set-up has no finding', () => {
  assert.deepEqual(diagnose(HEALTHY), []);
  assert.equal(exitCode([]), 0);
});

for (const [code, change] of CASES)
  test(`${code} is found, alone`, () => {
    const findings = diagnose({ ...HEALTHY, ...change });
    assert.deepEqual(
      findings.map((finding) => finding.code),
      [code],
    );
    assert.ok(!/\{\w+\}/.test(findings[0]!.remedy), findings[0]!.remedy);
    assert.match(findings[0]!.docs, /^docs\/doctor\.md#[a-z0-9-]+$/);
  });

test('every code has a case', () => {
  assert.deepEqual(Object.keys(CODES).sort(), CASES.map(([code]) => code).sort());
});

test('worst comes first, and what could not be examined outranks what is to do', () => {
  const findings = diagnose({ ...HEALTHY, ...failed('JEN_UNREACHABLE'), connections: [] });
  assert.deepEqual(
    findings.map((finding) => finding.level),
    ['error', 'info'],
  );
  assert.equal(exitCode(findings), 1);
  assert.equal(exitCode(diagnose({ ...HEALTHY, held: [{ controller: 'ci', steps: 1, until: 'release' }] })), 2);
  assert.equal(exitCode(diagnose({ ...HEALTHY, held: [{ controller: 'ci', steps: 1, until: 'mode' }] })), 0);
  assert.equal(exitCode(diagnose({ ...HEALTHY, connections: [] })), 0);
});

test('a controller that could not be examined is told by the exit code, whatever was in the way', () => {
  const met = [
    'JEN_UNREACHABLE',
    'JEN_RESTARTING',
    'JEN_CREDENTIAL',
    'JEN_WRONG_USER',
    'JEN_FORBIDDEN',
    'JEN_STRATEGY',
  ] as const;
  for (const code of met) assert.equal(exitCode(diagnose({ ...HEALTHY, ...failed(code) })), 1, code);
});

test('a successor that is not in use yet does not make its connection safe', () => {
  const expiresAt = NOW + 86_400_000;
  const successor = { other: 't', role: 'successor' as const, endsAt: null };
  const tokens = [
    { ...token, expiresAt },
    { ...token, id: 'u', expiresAt: NOW + 90 * 86_400_000, createdAt: NOW, rotation: successor },
  ];
  const codes = (probes: Partial<Probes>) => diagnose({ ...HEALTHY, ...probes }).map(({ code }) => code);
  assert.deepEqual(codes({ tokens }), ['credential.expiring-now']);
  const begun = [{ ...tokens[0]!, rotation: { other: 'u', role: 'predecessor' as const, endsAt: null } }, tokens[1]!];
  const [told] = diagnose({ ...HEALTHY, tokens: begun });
  assert.match(told?.finding ?? '', /expires at .*; u, which replaces it, is not in use yet\.$/);
  const used = [tokens[0]!, { ...tokens[1]!, rotation: { ...successor, endsAt: '2026-11-25T08:00:00.000Z' } }];
  assert.deepEqual(codes({ tokens: used }), []);
});

test('a credential that may only read does not make its connection safe', () => {
  const reader = { ...token, id: 'reader', pushes: false };
  const codes = (probes: Partial<Probes>) => diagnose({ ...HEALTHY, ...probes }).map(({ code }) => code);
  assert.deepEqual(codes({ tokens: [reader] }), ['credential.absent']);
  assert.deepEqual(codes({ tokens: [reader, { ...token, expiresAt: NOW - 1 }] }), ['credential.expired']);
  assert.deepEqual(codes({ tokens: [reader, { ...token, expiresAt: NOW + 1 }] }), ['credential.expiring-now']);
  assert.deepEqual(codes({ tokens: [reader, token] }), []);
});

test('a token is one of its own connection, and of no other', () => {
  const [first] = HEALTHY.config.connections;
  const config = { ...HEALTHY.config, connections: [first!, { ...first!, name: 'entra', primary: false }] };
  const connections = [...HEALTHY.connections, { name: 'entra', lastHeard: NOW }];
  const found = (tokens: Probes['tokens']) =>
    diagnose({ ...HEALTHY, config, connections, tokens }).map(({ code, subject }) => `${code} ${subject}`);
  assert.deepEqual(found([token]), ['credential.absent entra']);
  const ending = { ...token, id: 'e', connection: 'entra', expiresAt: NOW + 1 };
  assert.deepEqual(found([token, ending]), ['credential.expiring-now entra']);
  assert.deepEqual(found([token, { ...ending, connection: 'gone' }]), ['credential.absent entra']);
});

test('whoever gets in when nothing else works administers by an entry of their own in a global role', () => {
  const own = role.entries.find(({ id }) => id === 'Admin')!;
  const others = role.entries.filter((entry) => entry !== own);
  const powerless = (roles: readonly (typeof role)[]) =>
    diagnose({ ...HEALTHY, ...controller({ observed: { ...CONTROLLER.observed!, roles } }) }).some(
      ({ code }) => code === 'controller.break-glass-powerless',
    );
  const alone = (change: Partial<typeof role>) => [
    { ...role, entries: others },
    { ...role, name: 'own', entries: [own], ...change },
  ];
  assert.equal(powerless(alone({})), false);
  assert.equal(powerless(alone({ type: 'item' })), true);
  assert.equal(powerless(alone({ permissions: ['hudson.model.Hudson.Read'] })), true);
  assert.equal(powerless(alone({ entries: [{ ...own, type: 'group' }] })), true);
  assert.equal(powerless(alone({ entries: [{ ...own, type: 'either' }] })), false);
});

test('a glob of a connection that fits one controller of several is not told of', () => {
  const controllers = [CONTROLLER.config, { ...CONTROLLER.config, name: 'other' }];
  const found = (globs: string[]) =>
    diagnose({ ...HEALTHY, config: { ...HEALTHY.config, controllers, connections: reaching(globs) } })
      .filter(({ code }) => code === 'connection.no-controller')
      .map(({ finding }) => finding);
  assert.deepEqual(found(['ot*', 'nope', CONTROLLER.config.name]), ['No controller is called nope.']);
});

test('a connection with an external issuer needs no token', () => {
  const [first, ...rest] = HEALTHY.config.connections;
  const jwt = {
    ...{ issuer: 'https://x.test/', audience: 'a', caller: { claim: 'cid', value: 'c' } },
    ...{ algorithms: ['RS256' as const], scopes: ['users:write' as const], networks: [] },
  };
  const config = { ...HEALTHY.config, connections: [{ ...first!, jwt }, ...rest] };
  assert.deepEqual(diagnose({ ...HEALTHY, config, tokens: [] }), []);
});

test('without database or keys the rest is examined, and the exit code says that something was not', () => {
  const storageError = refuse('CFG_FILE_MODE', { path: '/keys', what: 'read or written', change: '600', mode: '644' });
  const findings = diagnose({ ...HEALTHY, ...failed('JEN_CREDENTIAL'), tokens: [], connections: [], storageError });
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['storage.unusable', 'controller.credential'],
  );
  assert.match(findings[0]!.finding, /chmod/);
  assert.equal(exitCode(findings), 1);
});

test('a command in a remedy takes a strange name as one word', () => {
  const since = NOW - 1;
  const remedies = ["bo o'neil", 'x; rm -rf ~', '$(id)', 'ana@corp.test'].map(
    (user) => diagnose({ ...HEALTHY, leavers: [{ user, controller: 'ci', since, held: false }] })[0]!.remedy,
  );
  assert.deepEqual(
    remedies.map((remedy) => remedy.replace(/^jenkins-scim leaver (.*) shows .*$/, '$1')),
    ["'bo o'\\''neil'", "'x; rm -rf ~'", "'$(id)'", 'ana@corp.test'],
  );
});

test('a clock behind the highest time seen is an error with the command that accepts it; a few seconds are none', () => {
  const at = (highest: number) => diagnose({ ...HEALTHY, clock: { now: NOW, highest } });
  assert.deepEqual(at(NOW - 1), []);
  assert.deepEqual(at(NOW + 2_000), []);
  const [found] = at(NOW + 86_400_000);
  assert.deepEqual([found?.code, found?.level], ['clock.behind', 'error']);
  assert.match(found?.finding ?? '', /2026-11-25T08:00:00\.000Z was seen/);
  assert.match(found?.remedy ?? '', /jenkins-scim clock accept --yes/);
});

test('a secret that is missing is told once, by the controller that needs it', () => {
  const files = [{ path: '/t', purpose: 'secret' as const }];
  assert.deepEqual(
    diagnose({ ...HEALTHY, ...failed('CFG_SECRET'), files }).map(({ code }) => code),
    ['controller.secret'],
  );
});

test('a certificate that is not valid yet is as one that has expired', () => {
  const found = diagnose({ ...HEALTHY, ...untrusted('certificate is not yet valid') });
  assert.deepEqual(
    found.map(({ code }) => code),
    ['controller.tls-expired'],
  );
});

test('what stands between is named: the proxy, or plain http behind https', () => {
  const config = { ...CONTROLLER.config, proxy: 'http://proxy:3128/' };
  const through = diagnose({
    ...HEALTHY,
    controllers: [{ config, error: refuse('JEN_UNREACHABLE', { controller: 'ci', reason: 'ECONNREFUSED' }) }],
  });
  assert.match(through[0]!.finding, /asked through the proxy http:\/\/proxy:3128\/$/);
  const reason = 'wrong version number';
  const spoken = diagnose({
    ...HEALTHY,
    controllers: [{ config: CONTROLLER.config, error: refuse('JEN_TLS', { controller: 'ci', reason }) }],
  });
  assert.match(spoken[0]!.finding, /speaks plain http/);
});

test('what is older than links is counted apart: taken over, found otherwise, not asked', () => {
  const older = [
    { controller: 'ci', found: 5, takenOver: 2, unasked: 1 },
    { controller: 'quiet', found: 0, takenOver: 0, unasked: 0 },
  ];
  const told = diagnose({ ...HEALTHY, older }).map(({ code, subject, finding }) => [
    code,
    subject,
    finding.slice(0, 30),
  ]);
  assert.deepEqual(told, [
    ['identity.taken-over', 'ci', '2 id(s) were taken over from p'],
    ['identity.older-credentials', 'ci', '3 id(s) held tokens, keys, cre'],
    ['identity.unasked', 'ci', 'It has not told yet what 1 new'],
  ]);
});

test('an entry for everybody is judged by its kind: USER:authenticated is nobody, GROUP:role_everyone is everybody', () => {
  const codes = (entry: Principal): string[] => {
    const everybody = { ...role, name: 'all', permissions: ['hudson.model.Item.Build'], entries: [entry] };
    const observed = { ...CONTROLLER.observed!, roles: [role, everybody] };
    return diagnose({ ...HEALTHY, ...controller({ observed }) }).map(({ code }) => code);
  };
  assert.deepEqual(codes({ type: 'user', id: 'authenticated' }), []);
  assert.deepEqual(codes({ type: 'user', id: 'role_everyone' }), []);
  assert.deepEqual(codes({ type: 'user', id: 'FACTOR_PASSWORD' }), []);
  for (const entry of [
    { type: 'group', id: 'Authenticated' },
    { type: 'either', id: 'authenticated' },
    { type: 'group', id: 'role_everyone' },
    { type: 'group', id: 'Factor_Password' },
    { type: 'either', id: 'FACTOR_PASSWORD' },
    { type: 'user', id: 'anonymous' },
  ] as const)
    assert.deepEqual(codes(entry), ['controller.everyone-writes'], `${entry.type}:${entry.id}`);
});

test('the account of the service is no break-glass account: nobody gets in by it', () => {
  const codes = (breakGlass: string[]): string[] =>
    diagnose({ ...HEALTHY, ...written({ breakGlass }) }).map(({ code }) => code);
  assert.deepEqual(codes(['JENKINS-scim']), ['controller.break-glass-absent']);
  assert.deepEqual(codes(['jenkins-scim', 'admin']), []);
});

test('a break-glass account without a password is unusable in the realm of Jenkins itself, and nowhere else', () => {
  const codes = (realm: string, password: boolean): string[] => {
    const breakGlass = [{ ...NOBODY, id: 'Admin', record: 'admin', password }];
    const capabilities = { ...CAPABILITIES, realm };
    return diagnose({ ...HEALTHY, ...controller({ breakGlass, capabilities }) }).map(({ code }) => code);
  };
  assert.deepEqual(codes(CAPABILITIES.realm, false), ['controller.break-glass-unusable']);
  assert.deepEqual(codes(CAPABILITIES.realm, true), []);
  assert.deepEqual(codes('org.jenkinsci.plugins.saml.SamlSecurityRealm', false), []);
});

test('with OpenID Connect a break-glass account is the user of the escape hatch, or has an API token', () => {
  const codes = (escapeHatch: string | null, tokens: number): string[] => {
    const token = { uuid: 'u', name: 'sealed', legacy: false };
    const breakGlass = [{ ...NOBODY, id: 'Admin', record: 'admin', password: true, tokens: Array(tokens).fill(token) }];
    const capabilities = { ...CAPABILITIES, realm: 'org.jenkinsci.plugins.oic.OicSecurityRealm', escapeHatch };
    return diagnose({ ...HEALTHY, ...controller({ breakGlass, capabilities }) }).map(({ code }) => code);
  };
  assert.deepEqual(codes(null, 0), ['controller.break-glass-unusable']);
  assert.deepEqual(codes('hatch', 0), ['controller.break-glass-unusable']);
  assert.deepEqual(codes('ADMIN', 0), []);
  assert.deepEqual(codes('hatch', 1), []);
});

test('a break-glass account whose record cannot be read is told with the reason', () => {
  const breakGlass = [{ ...NOBODY, id: 'admin', record: 'admin', error: 'X: broken' }];
  const found = diagnose({ ...HEALTHY, ...controller({ breakGlass }) });
  assert.deepEqual(
    found.map(({ code, finding }) => [code, finding]),
    [['controller.break-glass-unusable', 'The record of admin cannot be read there: X: broken']],
  );
});

test('what protect.users covers it covers whatever the case, as it is applied', () => {
  const capabilities = { ...CAPABILITIES, userIds: 'case-sensitive' as const };
  const { controllers = [] } = written({ protect: { users: ['ADMIN', 'Jenkins-*'], groups: [], roles: [] } });
  const found = diagnose({ ...HEALTHY, controllers: controllers.map((one) => ({ ...one, capabilities })) });
  assert.deepEqual(
    found.filter(({ code }) => code.endsWith('unprotected')),
    [],
  );
});

test('of hundreds who left or are called otherwise and are held the doctor tells once each', () => {
  const leavers = Array.from({ length: 300 }, (_, at) => ({
    user: `p${at}`,
    controller: 'ci',
    since: NOW,
    held: true,
  }));
  const renamed = leavers.slice(1).map((one) => ({ ...one, stays: true }));
  const found = diagnose({ ...HEALTHY, leavers: [...leavers, ...renamed] });
  assert.deepEqual(
    found.map(({ code, finding }) => [code, finding]),
    [
      ['leaver.held', '300 who left can still act: a guardrail holds what they owe.'],
      [
        'leaver.earlier-ids-held',
        '299 earlier ids of people who are called otherwise now can still act: a guardrail holds what they lose.',
      ],
    ],
  );
});

test('of a controller that is gone it is told what they did who owe there: not everybody left', () => {
  const owed = { user: 'ana', controller: 'gone', since: NOW - 90_000, held: false };
  const told = diagnose({ ...HEALTHY, leavers: [owed, { ...owed, user: 'bo', stays: true }] });
  assert.deepEqual(
    told.map(({ finding }) => finding.slice(0, 24)),
    ['ana left 90 s ago and is', 'bo gave an id up 90 s ag'],
  );
});

test('uses of an account or a controller that is not configured any more are no finding', () => {
  const others = { count: 3, after: 'a', before: 'b' };
  const probes = [uses({ account: 'former', others }), uses({ controller: 'gone', others })];
  assert.deepEqual(diagnose({ ...HEALTHY, uses: probes }), []);
});

test('what the configuration alone tells is told where the database cannot be opened', () => {
  const storageError = refuse('STORE_FAILED', { reason: 'the disk is full' });
  const shut = { ...HEALTHY, tokens: [], connections: [], storageError };
  const codes = (change: Partial<Probes>) => diagnose({ ...shut, ...change }).map(({ code }) => code);
  const config = configured();
  assert.deepEqual(codes({ config: { ...config, connections: [] } }), ['storage.unusable', 'connection.none']);
  assert.deepEqual(codes({ config: { ...config, connections: reaching(['zz-*']) } }), [
    'storage.unusable',
    'connection.no-controller',
  ]);
});
