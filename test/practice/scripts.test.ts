import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScimError } from '../../src/errors.ts';
import { readLetter, writeLetter } from '../../src/jenkins/envelope.ts';
import { SCRIPTS } from '../../src/jenkins/scripts/catalogue.ts';
import { ask, driver, practise } from './stage.ts';

const SENTINEL = '0123456789abcdef0123456789abcdef';

test('a script that is not ours gets a compiler trace with 200, as from Jenkins', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  const before = practice.look.roles('global');
  const ours = SCRIPTS.fingerprint.text;
  const letters = [
    'println "hello"',
    writeLetter({ parameters: '{}', sentinel: SENTINEL, text: `${ours} ` }),
    `${ours}`,
    'jenkins.model.Jenkins.get().authorizationStrategy = null',
  ];
  for (const script of letters) {
    const { status, headers, body } = await ask(practice, 'POST', '/scriptText', { form: { script } });
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/plain;charset=utf-8');
    assert.match(body, /^org\.codehaus\.groovy\.control\.MultipleCompilationErrorsException: startup failed:\n/);
  }
  assert.deepEqual(practice.look.roles('global'), before);
});

test('our scripts answer one line behind their sentinel, in ASCII', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  practice.hands.defineRole({ type: 'item', name: 'Rôle 漢字 😀', pattern: '.*', permissions: [] });
  const script = writeLetter({ parameters: '{}', sentinel: SENTINEL, text: SCRIPTS.observe.text });
  const { body } = await ask(practice, 'POST', '/scriptText', { form: { script } });
  assert.match(body, new RegExp(`^${SENTINEL}\\{"ok":true,[\\u0020-\\u007e]*\\}\\n$`));
  assert.match(JSON.stringify(JSON.parse(body.slice(SENTINEL.length))), /Rôle 漢字 😀/);
});

test('no script, an empty one and a JSON body are 200 and empty; a GET with a script is 405', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  assert.equal((await ask(practice, 'POST', '/scriptText', { form: { x: '1' } })).body, '');
  assert.equal((await ask(practice, 'POST', '/scriptText', { form: { script: '' } })).body, '');
  assert.equal((await ask(practice, 'GET', '/scriptText')).body, '');
  assert.equal((await ask(practice, 'GET', '/scriptText?script=println+1')).status, 405);
});

test('scripts are for administrators', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  const role = { type: 'global', name: 'reader', pattern: '.*', permissions: ['hudson.model.Hudson.Read'] } as const;
  practice.hands.defineRole(role);
  practice.hands.grant('reader', 'alice');
  const token = practice.hands.mintToken('alice');
  const refused = await ask(practice, 'POST', '/scriptText', { user: 'alice', secret: token, form: { script: '1' } });
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get('x-required-permission'), 'hudson.model.Hudson.Administer');
  const nobody = await ask(practice, 'POST', '/scriptText', { user: '', form: { script: '1' } });
  assert.match(nobody.body, /No valid crumb/);
});

test('whatever the parameters are, the practice controller reads what was sent', () => {
  fc.assert(
    fc.property(fc.json(), (parameters) => {
      const script = writeLetter({ parameters, sentinel: SENTINEL, text: SCRIPTS.people.text });
      assert.deepEqual(readLetter(script), { parameters, sentinel: SENTINEL, text: SCRIPTS.people.text });
    }),
  );
});

test('reasons are worded as the scripts word them on a real controller', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  const controller = driver(practice);
  t.after(() => controller.close());
  const role = { type: 'item', name: 'none' } as const;
  const preconditions = [{ role, digest: 'absent' }] as const;
  const base = { id: 'x', preconditions, keepAdministrators: [] };
  const ana = { type: 'user', id: 'ana' } as const;
  const gone = await controller.apply({ ...base, fence: 5, changes: [{ op: 'grant', role, principal: ana }] });
  assert.deepEqual(gone, { outcome: 'conflict', reason: 'item role "none" does not exist any more' });
  const low = await controller.apply({ ...base, fence: 4, changes: [{ op: 'grant', role, principal: ana }] });
  assert.deepEqual(low, { outcome: 'fenced', reason: 'the fence 4 is lower than 5' });
  for (const [definition, reason] of [
    [{ pattern: '(', permissions: [] }, /item role "none": the pattern is not a regular expression/],
    [{ pattern: '.*', permissions: ['a.b'] }, /item role "none": the permission a\.b does not exist here/],
  ] as const) {
    const changes = [{ op: 'create-role', role: { ...role, ...definition } }] as const;
    await assert.rejects(
      controller.apply({ ...base, fence: 6, changes }),
      (error) => error instanceof ScimError && reason.test(error.message),
    );
  }
});

test('a legacy token has the name that Jenkins gives it, also when it comes back', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  practice.hands.legacyToken('leg');
  const controller = driver(practice);
  t.after(() => controller.close());
  const names = async () => (await controller.people(['leg']))[0]?.tokens.map(({ name }) => name);
  assert.deepEqual(await names(), ['Legacy Token']);
  const path = '/user/leg/descriptorByName/jenkins.security.ApiTokenProperty/revokeAll';
  assert.equal((await ask(practice, 'POST', path, { form: {} })).status, 200);
  assert.deepEqual(await names(), ['legacy'], 'the secret is told although no token shows it');
  await practice.hands.restart();
  assert.deepEqual(await names(), ['Legacy Token']);
});

test('the many entries of one change are one save', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  const controller = driver(practice);
  t.after(() => controller.close());
  const role = { type: 'item', name: 'crowd' } as const;
  const saves = practice.look.saves;
  const grants = Array.from({ length: 5000 }, (_, at) => ({
    op: 'grant' as const,
    role,
    principal: { type: 'user' as const, id: `p${at}` },
  }));
  const outcome = await controller.apply({
    id: 'crowd',
    fence: 1,
    preconditions: [{ role, digest: 'absent' }],
    changes: [{ op: 'create-role', role: { ...role, pattern: '.*', permissions: [] } }, ...grants],
    keepAdministrators: [],
  });
  assert.equal(outcome.outcome, 'done');
  assert.equal(practice.look.holders('crowd').length, 5000);
  assert.equal(practice.look.saves, saves + 1);
});
