import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StrategyBatch, StrategyChange } from '../../src/access/ports/controller.ts';
import { type HttpAnswer, HttpFailure } from '../../src/access/ports/http.ts';
import type { RoleKey } from '../../src/access/role.ts';
import { type Fake, fake, type Told, whoAmI } from './fakeController.ts';

const dev: RoleKey = { type: 'item', name: 'dev' };
const reply = (entries: string[] = [], digest = 'a'.repeat(64)) => ({
  type: 'item',
  name: 'dev',
  pattern: '.*',
  template: null,
  permissions: [],
  entries,
  digest,
});
const done = (applied: number, entries: string[] = [], digest?: string): Told => ({
  result: { outcome: 'done', applied, saves: 1, roles: [reply(entries, digest)] },
});
const batch = (over: Partial<StrategyBatch> = {}): StrategyBatch => ({
  id: 'b1',
  fence: 7,
  preconditions: [{ role: dev, digest: 'b'.repeat(64) }],
  changes: [{ op: 'grant', role: dev, principal: { type: 'user', id: 'ana' } }],
  keepAdministrators: ['admin'],
  ...over,
});
const status = (code: number, over: Partial<HttpAnswer> = {}): HttpAnswer => ({
  status: code,
  headers: {},
  body: '',
  ...over,
});
const apply = (here: Fake, given = batch()) => here.settle(here.controller.apply(given));
const fingerprint: Told = {
  result: {
    strategy: 'com.michelin.cio.hudson.plugins.rolestrategy.RoleBasedAuthorizationStrategy',
    fingerprint: 'f',
  },
};

const PROBED = {
  core: '2.568.2',
  realm: 'hudson.security.HudsonPrivateSecurityRealm',
  strategy: 'hudson.security.X',
  plugins: {},
  userIds: 'CaseInsensitive',
  groupIds: 'CaseInsensitive',
  permissions: [{ id: 'p', title: 'Overall/P', enabled: true, impliedBy: null }],
  escapeHatch: null,
  userSeeds: true,
  legacyTokens: { creationOnUserCreation: false, creationByHand: false },
  signUp: false,
  builtInExecutors: 2,
  jcasc: { roles: true },
  roleSwitches: { caseSensitive: false, authoritiesAsRoles: false },
  writers: [],
};

describe('a batch', () => {
  test('is sent between two proofs of who we are, with fence, digests and those who must stay administrators', async () => {
    const here = fake({ script: () => done(1, ['uana']) });
    const outcome = await apply(here);
    assert.ok(outcome.outcome === 'done');
    assert.equal(outcome.saves, 1);
    assert.deepEqual(outcome.observed[0]!.entries, [{ type: 'user', id: 'ana' }]);
    assert.deepEqual(
      here.requests.map((request) => request.url.replace('http://ci.test/jenkins/', '')),
      ['whoAmI/api/json', 'scriptText', 'whoAmI/api/json'],
    );
    assert.deepEqual(here.sent[0]!.parameters, {
      fence: 7,
      lineage: 'db-1',
      preconditions: [{ type: 'item', name: 'dev', digest: 'b'.repeat(64) }],
      changes: [{ op: 'grant', type: 'item', name: 'dev', entries: ['uana'] }],
      keepAdministrators: ['admin'],
      budget: 500,
    });
  });

  test('sends the token as Basic and nowhere else, and never a cookie', async () => {
    const here = fake({ script: () => done(1) });
    await apply(here);
    for (const request of here.requests) {
      assert.equal(request.headers.authorization, `Basic ${Buffer.from('svc:canary-token').toString('base64')}`);
      assert.equal('cookie' in request.headers, false);
      assert.doesNotMatch(request.url + (request.body ?? ''), /canary/);
    }
    assert.doesNotMatch(JSON.stringify(here.logged), /canary|Y2FuYXJ5|c3ZjOmNhbmFyeS10b2tlbg/);
  });

  test('is not sent where we are not who we should be', async () => {
    const here = fake({ who: () => whoAmI('somebody'), script: () => done(1) });
    await assert.rejects(apply(here), { code: 'JEN_WRONG_USER' });
    assert.equal(here.sent.length, 0);
  });

  test('passes a conflict, a higher fence and a lock-out on', async () => {
    for (const outcome of ['conflict', 'fenced', 'lock-out'] as const) {
      const here = fake({ script: () => ({ result: { outcome, reason: 'because' } }) });
      assert.deepEqual(await apply(here), { outcome, reason: 'because' });
    }
  });

  test('without an answer after it was sent is unknown, and is not sent again', async () => {
    for (const kind of ['timeout', 'reset', 'too-large'] as const) {
      const here = fake({ script: () => new HttpFailure(kind, true, 'x') });
      assert.equal((await apply(here)).outcome, 'unknown', kind);
      assert.equal(here.sent.length, 1);
    }
  });

  test('that could not be sent is an error, because nothing was done', async () => {
    const here = fake({ script: () => new HttpFailure('refused', false, 'ECONNREFUSED') });
    await assert.rejects(apply(here), { code: 'JEN_UNREACHABLE' });
  });

  test('answered by an empty 200, a page, an exception or a gateway is unknown', async () => {
    for (const answer of [
      status(200),
      status(200, { body: '<html>' }),
      status(200, { body: 'java.lang.X\n\tat y' }),
      status(504),
    ])
      assert.equal((await apply(fake({ script: () => answer }))).outcome, 'unknown');
  });

  test('whose script threw after it had touched something is unknown; before, it is an error', async () => {
    for (const touched of [true, false]) {
      const here = fakeThatTells({ ok: false, error: 'java.io.IOException: x', touched });
      if (touched) assert.equal((await apply(here)).outcome, 'unknown');
      else await assert.rejects(apply(here), { code: 'JEN_SCRIPT', message: /java\.io\.IOException/ });
    }
  });

  test('that a compile error stopped is an error', async () => {
    const body =
      'org.codehaus.groovy.control.MultipleCompilationErrorsException: startup failed:\nScript1.groovy: 1: x\n';
    await assert.rejects(apply(fake({ script: () => status(200, { body }) })), { code: 'JEN_SCRIPT' });
  });

  test('after which we are somebody else, or nobody, is unknown', async () => {
    for (const after of [whoAmI('somebody'), status(200), status(503), new HttpFailure('refused', false, 'x')]) {
      const here = fake({ who: (nth) => (nth === 1 ? whoAmI() : after), script: () => done(1) });
      assert.equal((await apply(here)).outcome, 'unknown');
    }
  });

  test('during which the controller started anew is unknown', async () => {
    const after = fake({ who: (nth) => whoAmI('svc', nth === 1 ? 's1' : 's2'), script: () => done(1) });
    assert.deepEqual(await apply(after), { outcome: 'unknown', reason: 'it was restarted meanwhile' });
    const within = fake({
      session: 's2',
      who: (nth) => whoAmI('svc', nth === 1 ? 's1' : 's2'),
      script: () => done(1),
    });
    assert.deepEqual(await apply(within), { outcome: 'unknown', reason: 'it was restarted meanwhile' });
  });

  test('refused by a 401 of a restart is no verdict: it is asked until that is clear', async () => {
    const here = fake({
      script: ({ script }) =>
        script === 'apply' ? status(401, { headers: { 'www-authenticate': 'Basic' } }) : fingerprint,
    });
    await assert.rejects(apply(here), { code: 'JEN_RESTARTING' });
    assert.deepEqual(
      here.sent.map((one) => one.script),
      ['apply', 'fingerprint'],
    );
  });

  test('refused by a 403 that lasts names the permission', async () => {
    const here = fake({
      script: () => status(403, { headers: { 'x-required-permission': 'hudson.model.Hudson.Administer' } }),
    });
    await assert.rejects(apply(here), {
      code: 'JEN_FORBIDDEN',
      message: /svc lacks hudson\.model\.Hudson\.Administer/,
    });
    assert.deepEqual(
      here.sent.map((one) => one.script),
      ['apply', 'fingerprint', 'fingerprint'],
    );
    assert.ok(here.time.monotonic() >= 750, 'it took its time before the verdict');
  });

  test('that touches thousands of roles is sent in calls below a megabyte, each with the digests of its own roles', async () => {
    const roles = Array.from({ length: 6000 }, (_, at): RoleKey => ({ type: 'item', name: `team-${at}-developer` }));
    const here = fake({
      script: ({ parameters }) => {
        const touched = parameters.changes as { name: string; op: string }[] | undefined;
        const found = (touched ?? []).map(({ name }) => ({ ...reply(['uana']), name }));
        return { result: { outcome: 'done', applied: found.length, saves: 1, roles: found } };
      },
    });
    const changes = roles.map(
      (role): StrategyChange => ({ op: 'grant', role, principal: { type: 'user', id: 'ana' } }),
    );
    const preconditions = roles.map((role) => ({ role, digest: 'b'.repeat(64) }));
    const outcome = await apply(here, batch({ changes, preconditions }));
    assert.ok(outcome.outcome === 'done');
    assert.deepEqual(
      outcome.observed.map(({ name }) => name),
      roles.map(({ name }) => name),
    );
    const bodies = here.requests.map(({ body }) => Buffer.byteLength(body ?? ''));
    assert.ok(Math.max(...bodies) < 1_000_000, `${bodies.join()}`);
    const sent = here.sent.flatMap(({ parameters }) => parameters.preconditions as { name: string }[]);
    assert.deepEqual(
      sent.map(({ name }) => name),
      roles.map(({ name }) => name),
    );
  });

  test('that is too much for one script is continued with the digests left behind', async () => {
    const changes: StrategyChange[] = ['x', 'y', 'z'].flatMap((name) => [
      { op: 'grant', role: dev, principal: { type: 'user', id: name } } as const,
      { op: 'revoke', role: dev, principal: { type: 'user', id: name } } as const,
    ]);
    const here = fake({ script: (_, nth) => done(nth === 1 ? 4 : 2, ['ux'], `${nth}`.repeat(64)) });
    const outcome = await apply(here, batch({ changes }));
    assert.ok(outcome.outcome === 'done');
    assert.equal(outcome.saves, 2);
    assert.equal(outcome.observed[0]!.digest, '2'.repeat(64));
    assert.deepEqual(
      here.sent.map((one) => one.parameters.changes!.length),
      [6, 2],
    );
    assert.deepEqual(here.sent[1]!.parameters.preconditions, [{ type: 'item', name: 'dev', digest: '1'.repeat(64) }]);
  });

  test('of which a part was saved before it failed is unknown, whatever the failure', async () => {
    const changes: StrategyChange[] = [
      { op: 'grant', role: dev, principal: { type: 'user', id: 'x' } },
      { op: 'revoke', role: dev, principal: { type: 'user', id: 'y' } },
    ];
    for (const second of [
      { result: { outcome: 'conflict', reason: 'changed' } },
      { result: { outcome: 'lock-out', reason: 'nobody' } },
      status(403),
      new HttpFailure('refused', false, 'x'),
    ]) {
      const here = fake({ script: (_, nth) => (nth === 1 ? done(1) : second) });
      assert.equal((await apply(here, batch({ changes }))).outcome, 'unknown');
    }
  });

  test('of which nothing is applied does not go round for ever', async () => {
    assert.equal((await apply(fake({ script: () => done(0) }))).outcome, 'unknown');
  });

  test('of a megabyte of grants is cut by size', async () => {
    const changes = Array.from(
      { length: 20_000 },
      (_, at): StrategyChange => ({
        op: 'grant',
        role: dev,
        principal: { type: 'user', id: `${at}-${'p'.repeat(60)}` },
      }),
    );
    const here = fake({ script: ({ parameters }) => done(parameters.changes!.length) });
    assert.equal((await apply(here, batch({ changes }))).outcome, 'done');
    assert.ok(here.sent.length > 1);
    assert.ok(here.requests.every((request) => (request.body ?? '').length < 1024 * 1024));
    const granted = here.sent.flatMap((one) => one.parameters.changes!.flatMap((change) => change.entries!));
    assert.equal(new Set(granted).size, 20_000);
  });
});

describe('a read', () => {
  test('is made once more where a restart may have been in the way', async () => {
    const here = fake({ script: (_, nth) => (nth === 1 ? status(500) : fingerprint) });
    assert.deepEqual(await here.settle(here.controller.fingerprint()), { fingerprint: 'f', session: 's1' });
  });

  test('fails as what it is, and is never an empty one', async () => {
    for (const [answer, code] of [
      [status(200), 'JEN_ANSWER'],
      [status(404), 'JEN_ANSWER'],
      [status(503, { body: 'Starting Jenkins' }), 'JEN_RESTARTING'],
      [status(503), 'JEN_UNREACHABLE'],
      [status(302, { headers: { location: '/login' } }), 'JEN_CREDENTIAL'],
      [new HttpFailure('tls', false, 'self-signed certificate'), 'JEN_TLS'],
      [new HttpFailure('timeout', true, 'x'), 'JEN_TIMEOUT'],
      [new HttpFailure('dns', false, 'ENOTFOUND'), 'JEN_UNREACHABLE'],
      [new HttpFailure('too-large', true, 'the answer is larger than 1 bytes'), 'JEN_ANSWER'],
    ] as const) {
      const here = fake({ script: () => answer });
      await assert.rejects(here.settle(here.controller.observe()), { code }, code);
      await assert.rejects(here.settle(here.controller.fingerprint()), { code }, code);
      if (code !== 'JEN_ANSWER') assert.equal(here.sent.length, 2, `${code} is no doubt: asked once each`);
    }
  });

  test('of a strategy that cannot be used says why', async () => {
    for (const [strategy, plugins, message] of [
      ['hudson.security.X', { 'role-strategy': '898.v1' }, /is X, not role-strategy/],
      ['hudson.security.X', {}, /the plugin role-strategy is not installed/],
      ['hudson.security.X', { 'role-strategy': '3.2.0' }, /role-strategy 3\.2\.0 is older than 657/],
    ] as const) {
      const probed = { ...PROBED, strategy, plugins };
      const here = fake({
        script: ({ script }) => ({
          result:
            script === 'probe'
              ? probed
              : { strategy, ...(script === 'observe' ? { roles: null } : {}), fingerprint: 'f' },
        }),
      });
      await assert.rejects(here.settle(here.controller.observe()), { code: 'JEN_STRATEGY', message });
      await assert.rejects(here.settle(here.controller.fingerprint()), { code: 'JEN_STRATEGY', message });
    }
  });

  test('of a realm that compares ids in a way nobody knows is refused, never guessed', async () => {
    for (const [given, code] of [
      [{ userIds: 'Rot13' }, 'JEN_ANSWER'],
      [{ groupIds: 'Rot13' }, 'JEN_ANSWER'],
    ] as const) {
      const here = fake({ script: () => ({ result: { ...PROBED, ...given } }) });
      await assert.rejects(here.settle(here.controller.probe()), { code });
    }
    const fine = fake({ script: () => ({ result: { ...PROBED, userIds: 'CaseSensitiveEmailAddress' } }) });
    const probed = await fine.settle(fine.controller.probe());
    assert.deepEqual([probed.userIds, probed.groupIds, probed.jcasc], ['email', 'case-insensitive', 'roles']);
    assert.deepEqual(probed.permissions, [{ id: 'p', title: 'Overall/P', enabled: true }]);
  });

  test('whose result has another shape than agreed is refused', async () => {
    for (const roles of [
      [{ ...reply(), digest: 'short' }],
      [{ ...reply(), entries: ['xana'] }],
      [{ ...reply(), more: 1 }],
      'all',
    ]) {
      const here = fake({ script: () => ({ result: { strategy: 'x', roles, fingerprint: 'f' } }) });
      await assert.rejects(here.settle(here.controller.observe()), { code: 'JEN_ANSWER' });
    }
  });
});

/** A fake whose script reports its own failure. */
function fakeThatTells(told: unknown): Fake {
  const here: Fake = fake({
    script: () => {
      const body = new URLSearchParams(here.requests.at(-1)!.body).get('script')!;
      return status(200, { body: `${/SENTINEL = '(\w+)'/.exec(body)![1]}${JSON.stringify(told)}\n` });
    },
  });
  return here;
}
