import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { type HttpAnswer, HttpFailure } from '../../src/access/ports/http.ts';
import { judgeFailure } from '../../src/jenkins/judge/failure.ts';
import { judgeScript } from '../../src/jenkins/judge/script.ts';
import { judgeStatus } from '../../src/jenkins/judge/verdict.ts';
import { judgeWhoAmI } from '../../src/jenkins/judge/whoAmI.ts';
import { observe } from '../../src/jenkins/strategies/role-strategy/observe.ts';
import { recorded } from './recorded.ts';

const answer = (status: number, over: Partial<HttpAnswer> = {}): HttpAnswer => ({
  status,
  headers: {},
  body: '',
  ...over,
});
const sentinel = 'c0ffee00c0ffee00c0ffee00c0ffee00';

/** kind and code of a verdict, in one word each. */
function brief(verdict: { kind: string; complaint?: { code: string } }): string {
  return verdict.complaint === undefined ? verdict.kind : `${verdict.kind} ${verdict.complaint.code}`;
}

describe('who are we', () => {
  const judge = (given: HttpAnswer, user = 'admin') => judgeWhoAmI(given, user);

  test('our own name, not anonymous, is a yes and carries the session', () => {
    const verdict = judge(recorded('12-groovy-blocks', '32-admin-still'));
    assert.deepEqual(verdict, {
      kind: 'us',
      identity: { name: 'admin', anonymous: false, authorities: ['authenticated'], session: '09af9914' },
    });
  });

  test('anonymous says authenticated:true and is still no yes', () => {
    const given = recorded('12-groovy-blocks', '15-bob-session');
    assert.match(given.body, /"authenticated":true/);
    assert.equal(brief(judge(given, 'bob')), 'doubt JEN_CREDENTIAL');
    assert.equal(brief(judge(given, 'anonymous')), 'doubt JEN_CREDENTIAL');
  });

  test('a wrong or dead token is a doubt that ends as a credential', () => {
    for (const [topic, number] of [
      ['12-groovy-blocks', '14-bob-token'],
      ['04-users', '48-extra-token-dead'],
      ['04-users', '70-bob-token-after-delete'],
    ] as const)
      assert.equal(brief(judge(recorded(topic, number), 'bob')), 'doubt JEN_CREDENTIAL', number);
  });

  test('the spelling of the realm is ours too; another name is not', () => {
    const given = recorded('12-groovy-blocks', '32-admin-still');
    assert.equal(judge(given, 'Admin').kind, 'us');
    assert.equal(brief(judge(given, 'jenkins-scim')), 'doubt JEN_WRONG_USER');
  });

  test('the marks of a password login are no groups', () => {
    const body = '{"anonymous":false,"authorities":["authenticated","FACTOR_PASSWORD","devs"],"name":"admin"}';
    const verdict = judge(answer(200, { body }));
    assert.ok(verdict.kind === 'us');
    assert.deepEqual(verdict.identity.authorities, ['authenticated', 'devs']);
    assert.equal('session' in verdict.identity, false);
  });

  test('an empty 200 is no answer', () => {
    assert.equal(brief(judge(answer(200))), 'doubt JEN_ANSWER');
    assert.equal(brief(judge(answer(200, { body: ' \n' }))), 'doubt JEN_ANSWER');
  });

  test('a page, other JSON or a wrong shape is no Jenkins', () => {
    for (const body of [
      '<html>Welcome</html>',
      '{}',
      '[]',
      'null',
      '{"name":1,"anonymous":false,"authorities":[]}',
      '{"name":"admin"}',
    ])
      assert.equal(brief(judge(answer(200, { body }))), 'wrong JEN_ANSWER', body);
  });

  test('no text whatever makes it throw or say yes by accident', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.integer({ min: 100, max: 599 }), (body, status) => {
        assert.notEqual(judge(answer(status, { body })).kind, 'us');
      }),
    );
  });
});

describe('status', () => {
  const judge = (given: HttpAnswer) => judgeStatus(given, 'admin');

  test('redirects to a login are a credential, whatever the path before; others name where they go', () => {
    for (const location of [
      '/login?from=%2F',
      'https://ci.example.com/login',
      '/whoAmI/api/securityRealm/commenceLogin?from=x',
      'securityRealm/commenceLogin',
      '/loginError',
    ])
      assert.equal(brief(judge(answer(302, { headers: { location } }))), 'wrong JEN_CREDENTIAL', location);
    const elsewhere = judge(
      answer(301, { headers: { location: 'https://ci.example.com/jenkins/whoAmI?token=s3cret' } }),
    );
    assert.equal(brief(elsewhere), 'wrong JEN_ANSWER');
    assert.match(JSON.stringify(elsewhere), /ci\.example\.com\/jenkins/);
    assert.doesNotMatch(JSON.stringify(elsewhere), /s3cret/);
    assert.equal(brief(judge(recorded('12-groovy-blocks', '17-form-login-bob'))), 'wrong JEN_CREDENTIAL');
  });

  test('a 401 without a challenge is the identity provider, not the credential', () => {
    assert.equal(brief(judge(answer(401))), 'doubt JEN_REALM');
    assert.equal(brief(judge(answer(401, { headers: { 'www-authenticate': 'Basic' } }))), 'doubt JEN_CREDENTIAL');
  });

  test('a 403 names the missing permission; without the header it asks for Administer; a crumb is neither', () => {
    const named = judge(recorded('03-scriptText', '20-not-authorised-user'));
    assert.equal(brief(named), 'doubt JEN_FORBIDDEN');
    assert.match(JSON.stringify(named), /hudson\.model\.Hudson\.Administer/);
    const anyOf = answer(403, { headers: { 'x-you-are-authenticated-as': 'jenkins-scim' } });
    assert.match(JSON.stringify(judge(anyOf)), /Overall\/Administer/);
    assert.equal(brief(judge(recorded('03-scriptText', '21-anonymous'))), 'doubt JEN_ANSWER');
  });

  test('a 403 that Jenkins did not answer says nothing of rights', () => {
    const nginx = judge(answer(403, { headers: { server: 'nginx' }, body: '<h1>403 Forbidden</h1>' }));
    assert.equal(brief(nginx), 'doubt JEN_ANSWER');
    assert.match(JSON.stringify(nginx), /script console/);
  });

  test('a Jenkins that does not start because role-strategy is disabled or gone is told so, and no script ran', () => {
    for (const number of ['01-who-am-i', '02-script']) {
      const verdict = judgeStatus(recorded('35-disabled', number), 'admin');
      assert.equal(brief(verdict), 'wrong JEN_STRATEGY');
      assert.ok(verdict.kind === 'wrong' && !verdict.ran);
      assert.match(String(verdict.complaint.details.reason), /plugin is disabled or missing/);
    }
    assert.equal(brief(judgeWhoAmI(recorded('35-disabled', '01-who-am-i'), 'admin')), 'wrong JEN_STRATEGY');
  });

  test('a Jenkins that could not read its configuration again is told so, at once, and no script ran', () => {
    for (const number of ['01-who-am-i', '02-script']) {
      const verdict = judgeStatus(recorded('37-broken', number), 'admin');
      assert.equal(brief(verdict), 'wrong JEN_BROKEN');
      assert.ok(verdict.kind === 'wrong' && !verdict.ran);
    }
    const start = answer(500, { body: 'x<h1>Error</h1><pre>jenkins.util.xstream.CriticalXStreamException: ' });
    assert.equal(brief(judge(start)), 'wrong JEN_BROKEN');
    assert.equal(brief(judge(answer(500, { body: '<h1>Oops!</h1><pre>x' }))), 'doubt JEN_REALM');
  });

  test('405 and 404 are permanent, 500 may be a start, 503 is one', () => {
    assert.equal(brief(judge(recorded('03-scriptText', '23-get'))), 'wrong JEN_ANSWER');
    assert.equal(brief(judge(answer(404))), 'wrong JEN_ANSWER');
    assert.equal(brief(judge(recorded('12-groovy-blocks', '10-user-dotdot'))), 'doubt JEN_REALM');
    for (const body of [
      '<title>Jenkins startet</title>',
      '<hr/><a href="https://jetty.org/">Powered by Jetty:// 12.0</a>',
    ])
      assert.equal(brief(judge(answer(503, { body }))), 'wrong JEN_RESTARTING');
  });

  test('a 503 that is not of Jenkins is told as that of what stands in front', () => {
    for (const body of ['', '<html><body><h1>503 Service Unavailable</h1>No server is available.</body></html>']) {
      const verdict = judge(answer(503, { body }));
      assert.equal(brief(verdict), 'wrong JEN_UNREACHABLE');
      assert.ok(verdict.kind === 'wrong' && verdict.ran);
      assert.match(String(verdict.complaint.details.reason), /in front of it answers 503/);
    }
  });

  test('a proxy that takes no large body is told as one', () => {
    const verdict = judge(answer(413));
    assert.ok(verdict.kind === 'wrong');
    assert.match(String(verdict.complaint.details.reason), /no body this large \(413\); let a megabyte through/);
  });

  test('only what Jenkins itself refused is certain not to have run', () => {
    const ran = (given: HttpAnswer) => {
      const verdict = judge(given);
      return 'ran' in verdict && verdict.ran;
    };
    for (const status of [302, 401, 403, 404, 405, 413]) assert.equal(ran(answer(status)), false, `${status}`);
    // 204: a proxy that drops the page; 524: Cloudflare, whose origin was at it too long.
    for (const status of [204, 206, 500, 502, 504, 507, 520, 524]) assert.equal(ran(answer(status)), true, `${status}`);
    assert.equal(ran(answer(503, { body: '<h1>503 backend unavailable</h1>' })), true);
    assert.equal(ran(answer(503, { body: 'Restarting Jenkins. Jenkins is restarting' })), false);
  });
});

describe('script', () => {
  const shape = z.strictObject({ n: z.number() });
  const judge = (given: HttpAnswer) => judgeScript(given, 'admin', sentinel, shape, 100);
  const good = { ok: true, session: 's', time: 1, result: { n: 7 } };
  const line = (value: unknown) => answer(200, { body: `${sentinel}${JSON.stringify(value)}\n` });

  test('the one line behind the sentinel is the result', () => {
    assert.deepEqual(judge(line(good)), { kind: 'result', result: { n: 7 }, session: 's', time: 1, ahead: -99 });
    const noisy = answer(200, { body: `warning: something\n${sentinel}${JSON.stringify(good)}\nResult: x\n` });
    assert.equal(judge(noisy).kind, 'result');
  });

  test('a script that reports its own failure tells whether it touched anything', () => {
    const told = judge(line({ ok: false, error: 'java.io.IOException: no space', touched: true }));
    assert.deepEqual(told, { kind: 'threw', error: 'java.io.IOException: no space', touched: true });
  });

  test('a compile error never ran', () => {
    for (const number of ['08-compile-error', '15-big-literal-65535']) {
      const heard = judge(recorded('03-scriptText', number));
      assert.ok(heard.kind === 'threw', number);
      assert.equal(heard.touched, false);
      assert.match(heard.error, /Script1\.groovy: 1/);
    }
  });

  test('every recorded 200 without the sentinel is unclear, an exception and an empty body included', () => {
    for (const number of [
      '01-println',
      '07-exception',
      '10-error-class',
      '11-stackoverflow',
      '24-get-no-param',
      '26-json-body',
    ])
      assert.equal(judge(recorded('03-scriptText', number)).kind, 'unclear', number);
  });

  test('a sentinel twice, a foreign sentinel, broken JSON or another shape is unclear', () => {
    const body = line(good).body;
    for (const wrong of [
      body + body,
      body.replace('c0ffee', 'c0ffef'),
      body.replace('}}', '}'),
      `${sentinel}${JSON.stringify({ ...good, more: 1 })}`,
      `${sentinel}${JSON.stringify({ ...good, result: { n: '7' } })}`,
      `${sentinel}${JSON.stringify({ ...good, result: { n: 7, extra: 1 } })}`,
      `${sentinel}null`,
    ])
      assert.equal(judge(answer(200, { body: wrong })).kind, 'unclear', wrong);
  });

  test('refused requests did not run; a gateway may have passed it on', () => {
    const refused = judge(recorded('03-scriptText', '20-not-authorised-user'));
    assert.ok(refused.kind === 'not-run' && refused.doubt);
    assert.equal(judge(answer(504)).kind, 'unclear');
    assert.equal(judge(answer(500)).kind, 'unclear');
  });

  test('what a hostile controller fills an answer with is refused at once', () => {
    const role = (entries: string) =>
      `{"type":"global","name":"a","pattern":".*","template":null,"permissions":[],"entries":[${entries}],"digest":""}`;
    const told = (roles: string) =>
      `${sentinel}{"ok":true,"session":"s","time":1,"result":{"strategy":"x","fingerprint":"f","roles":[${roles}]}}`;
    const many = (part: string) => `${part},`.repeat(2_000_000) + part;
    const hostile = [
      ['wrong entries', told(role(many('""'))), 'roles.0.entries.0'],
      ['empty objects', told(many('{}')), 'behind the sentinel'],
      ['empty lists', told(role(many('[]'))), 'behind the sentinel'],
      ['lines', `${many('\n')}`, 'lacks the sentinel'],
      ['the sentinel', many(`\n${sentinel}`), 'lacks the sentinel'],
    ] as const;
    for (const [what, body, reason] of hostile) {
      const before = process.memoryUsage().heapUsed;
      const heard = judgeScript(answer(200, { body }), 'admin', sentinel, observe.result, 1);
      assert.ok(heard.kind === 'unclear' && String(heard.complaint.details.reason).includes(reason), what);
      assert.ok(process.memoryUsage().heapUsed - before < 256 * 1024 * 1024, what);
    }
    const authorities = `{"name":"admin","anonymous":false,"authorities":[${many('1')}]}`;
    assert.equal(brief(judgeWhoAmI(answer(200, { body: authorities }), 'admin')), 'wrong JEN_ANSWER');
  });

  test('no answer whatever becomes a result without its sentinel', () => {
    fc.assert(
      fc.property(fc.string(), (body) => {
        assert.notEqual(judge(answer(200, { body })).kind, 'result');
      }),
    );
  });
});

test('why a controller cannot be reached is told in words, with the code that can be looked up', () => {
  const reasonOf = (code: string) => judgeFailure(new HttpFailure('refused', false, code), 1_000).details.reason;
  assert.equal(reasonOf('ECONNREFUSED'), 'nothing listens there (ECONNREFUSED)');
  assert.equal(reasonOf('an address that is not allowed'), 'an address that is not allowed');
});
