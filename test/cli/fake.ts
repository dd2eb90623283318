import type { Engine } from '../../src/cli/engine.ts';
import type { Host } from '../../src/cli/invocation.ts';
import type { Modules } from '../../src/cli/modules.ts';
import { runProgram } from '../../src/cli/program.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';

/** What a command line left behind. */
export interface Ran {
  readonly exit: number | undefined;
  readonly out: string;
  readonly err: string;
  readonly calls: readonly (readonly [string, ...unknown[]])[];
}

const PLAN = {
  document: { digest: 'd1', controllers: [{ name: 'ci', steps: [{ kind: 'grant' }], quarantined: [], unread: false }] },
  text: () => 'the plan\n',
};

export const CERTIFICATE = {
  user: 'ana',
  state: 'leaver',
  receivedAt: '2026-11-24T08:00:00.000Z',
  controllers: [
    {
      name: 'ci',
      steps: [{ kind: 'revoke-tokens', at: '2026-11-24T08:00:00.100Z', verified: true }],
      missing: [],
      residual: ['running build pay/api #4'],
      doneAt: '2026-11-24T08:00:00.200Z',
      elapsedMs: 200,
    },
  ],
  complete: true,
};

const EXPLANATION = {
  user: 'ana',
  controllers: [
    {
      name: 'ci',
      jenkinsId: 'ana',
      active: true,
      grants: [
        {
          role: 'pay-developer',
          scope: 'folder pay',
          permissions: ['Job/Build'],
          effective: true,
          reasons: [
            {
              rule: 'devs',
              file: 'policy.yaml',
              line: 9,
              policy: 'p',
              group: 'ci-pay-dev\u001b[2J',
              since: '2026-11-24T08:00:00.000Z',
            },
          ],
        },
      ],
      whyNot: [{ rule: 'admins', missing: 'membership of group "jenkins-admins"' }],
    },
  ],
};

const CLOCK = {
  now: '2026-11-27T08:00:00.000Z',
  highest: '2028-01-01T00:00:00.000Z',
  behindSeconds: 34_531_200,
  ended: [{ rule: 'helper', until: '2027-03-31T00:00:00.000Z' }],
};

const OLD = { uuid: 'u1', name: 'by hand', createdAt: '2026-01-01T00:00:00.000Z' };
const MADE = { uuid: 'u2', name: 'jenkins-scim 2026-11-24T08:00:00.000Z', token: '11secret', others: [OLD] };

/** An engine that answers and remembers; parts can be replaced. */
export function fakeEngine(calls: [string, ...unknown[]][], change: Partial<Engine> = {}): Engine {
  const note =
    <T>(name: string, value: T) =>
    async (...values: unknown[]): Promise<T> => {
      calls.push([name, ...values.filter((item) => typeof item !== 'function')]);
      return value;
    };
  const token = {
    id: 't1',
    kind: 'scim' as const,
    connection: 'okta',
    scopes: ['users'],
    createdAt: 'c',
    expiresAt: 'e',
    lastUsedAt: null,
    revokedAt: null,
  };
  return {
    plan: note('plan', PLAN),
    apply: note('apply', [{ controller: 'ci', verified: 1, failed: 0, held: 0 }]),
    held: note('held', []),
    showHeld: note('showHeld', PLAN),
    release: note('release', []),
    reject: note('reject', 2),
    adopt: note('adopt', { adopted: 3, unread: [] }),
    disown: note('disown', 3),
    sync: note('sync', []),
    pause: note('pause', undefined),
    resume: note('resume', undefined),
    explain: note('explain', EXPLANATION),
    leaver: note('leaver', CERTIFICATE),
    ghosts: note('ghosts', { ghosts: [], unread: [] }),
    older: {
      list: note('older.list', { older: [], unasked: [] }),
      ask: note('older.ask', { asked: [{ controller: 'ci', ids: 3 }], older: [], unasked: [] }),
      keep: note('older.keep', 2),
      revoke: note('older.revoke', [{ controller: 'ci', verified: 5, failed: 0, held: 0 }]),
    },
    detach: note('detach', 1),
    ownTokens: {
      create: async (controller, keep) => {
        calls.push(['ownTokens.create', controller]);
        keep(MADE.token);
        return MADE;
      },
      revokeOthers: note('ownTokens.revokeOthers', { inUse: 'u2', revoked: [OLD], left: [] }),
    },
    recover: note('recover', { entries: 1, roles: 1 }),
    tokens: {
      create: note('tokens.create', { ...token, token: 'jscim_secret' }),
      list: note('tokens.list', [token]),
      revoke: note('tokens.revoke', undefined),
      compromised: note('tokens.compromised', {
        ...{ id: 't1', since: '2026-11-23T08:00:00.000Z', counts: { 'scim.group.members': 1 } },
        caused: [{ at: '2026-11-24T07:00:00.000Z', kind: 'scim.group.members', subject: 'g1' }],
        controllers: [{ controller: 'ci', verified: 2, failed: 0, held: 1 }],
      }),
      createClient: note('tokens.createClient', {
        ...token,
        kind: 'client' as const,
        method: 'client_secret_basic' as const,
        token: 'jscim_secret',
      }),
      startRotation: note('tokens.startRotation', { ...token, id: 't2', token: 'jscim_next', replaces: 't1' }),
      completeRotation: note('tokens.completeRotation', { kept: 't2', revoked: 't1', used: false }),
      cancelRotation: note('tokens.cancelRotation', { kept: 't1', revoked: 't2', used: true }),
    },
    ledger: {
      verify: note('ledger.verify', { records: 5, head: 'abc', anchors: 2, unsealed: 0 }),
      publicKey: () => '-----BEGIN PUBLIC KEY-----\n',
      erase: note('ledger.erase', { user: 'ana@corp.test', records: 3 }),
      export: async (line) => {
        line('{"seq":1}');
        line('{"seq":2}');
        return { kind: 'export.end', seq: 2, hash: 'h', at: 'now', signature: 's' };
      },
      verifyExport: () => ({ records: 2, anchors: 1, newer: 3 }),
    },
    clock: {
      show: note('clock.show', CLOCK),
      accept: note('clock.accept', CLOCK),
    },
    database: {
      status: note('status', { schema: 4, users: 1, groups: 2, members: 3, bytes: 4096 }),
      backup: note('backup', { file: 'b.db', digest: 'c0ffee' }),
    },
    probes: note('probes', { tokens: [], connections: [], leavers: [], held: [], groups: [], paused: [] }),
    serve: note('serve', { listen: 'http://127.0.0.1:1', stop: note('stop', undefined) }),
    close: note('close', undefined),
    ...change,
  };
}

/** Runs a command line in this process over fakes. */
export async function run(
  words: readonly string[],
  change: Partial<Engine> = {},
  host: Partial<Host> = {},
  modules: Partial<Modules> = {},
): Promise<Ran> {
  const calls: [string, ...unknown[]][] = [];
  const time = new SimulatedTime();
  let out = '';
  let err = '';
  let exit: number | undefined;
  const unused = async (): Promise<never> => {
    throw new Error('not in this test');
  };
  // Who looks at the demo leaves when it says that it waits for that.
  const told = Promise.withResolvers<string>();
  await runProgram(words, {
    terminal: {
      out: (text) => {
        out += text;
        if (text.includes('Running until Ctrl-C')) told.resolve('SIGINT');
      },
      err: (text) => {
        err += text;
      },
      colour: false,
      width: 80,
      progress: false,
      interactive: false,
    },
    environment: { JENKINS_SCIM_LOG: 'silent' },
    account: 'ana',
    clock: time,
    random: seededRandom(),
    disk: { space: () => undefined },
    timers: time,
    ask: unused,
    stopped: async () => (words.includes('demo') ? told.promise : 'SIGTERM'),
    exit: (code) => {
      exit = code;
    },
    modules: {
      engine: async (_config, _log, options) => {
        if (options?.migrate === true) calls.push(['migrate']);
        return fakeEngine(calls, change);
      },
      controller: unused,
      uses: async () => undefined,
      restore: async (_config, file) => {
        calls.push(['restore', file]);
        return { ended: 0, declared: 0, lifted: 0, paused: [] };
      },
      copy: async (_config, target) => {
        calls.push(['copy', target]);
        return { tables: 3, rows: 7, digest: 'abc' };
      },
      demo: unused,
      policy: {
        lint: async () => ({ digest: 'p1', findings: [] }),
        schema: async () => ({ title: 'policy.yaml' }),
        preview: async () => EXPLANATION,
      },
      ...modules,
    },
    ...host,
  });
  return { exit, out, err, calls };
}
