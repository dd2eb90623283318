import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Practice } from '../../src/practice/controller.ts';
import { ADMIN_PASSWORD, ask, driver, logIn, practise, SERVICE } from './stage.ts';

const READ = 'hudson.model.Item.Read';
const ADMINISTER = 'hudson.model.Hudson.Administer';
const DEV = { type: 'item', name: 'dev', pattern: '\\Qpay\\E($|/.*)', permissions: [READ] } as const;

describe('hands on the practice controller', () => {
  let practice: Practice;

  beforeEach(async () => {
    practice = await practise();
    practice.hands.defineRole(DEV);
  });

  afterEach(() => practice.close());

  const whoIs = async (cookie: string): Promise<string> =>
    JSON.parse((await ask(practice, 'GET', '/whoAmI/api/json', { user: '', headers: { Cookie: cookie } })).body).name;

  test('a grant by hand is held by exactly that spelling, and is effective for every spelling', () => {
    practice.hands.grant('dev', 'Ana');
    assert.deepEqual(practice.look.holders('dev'), ['Ana']);
    assert.equal(practice.look.may('ana', READ, 'pay/api'), true);
    assert.equal(practice.look.may('ana', READ, 'web'), false);
    assert.equal(practice.look.may('ana', READ), false, 'an item role gives nothing outside its items');
    practice.hands.revoke('dev', 'ana');
    assert.deepEqual(practice.look.holders('dev'), ['Ana']);
    practice.hands.revoke('dev', 'Ana');
    assert.equal(practice.look.may('ana', READ, 'pay/api'), false);
  });

  test('USER matches people, GROUP matches authorities, EITHER both', () => {
    practice.hands.grant('dev', 'ana', 'group');
    assert.equal(practice.look.may('ana', READ, 'pay'), false);
    practice.hands.grant('dev', 'ana', 'either');
    assert.equal(practice.look.may('ana', READ, 'pay'), true);
    practice.hands.revoke('dev', 'ana', 'either');
    practice.hands.grant('dev', 'AUTHENTICATED', 'group');
    assert.equal(practice.look.may('ana', READ, 'pay'), true, 'GROUP:authenticated in any case is everybody logged in');
    practice.hands.revoke('dev', 'AUTHENTICATED', 'group');
    practice.hands.grant('dev', 'authenticated', 'user');
    assert.equal(practice.look.may('ana', READ, 'pay'), false, 'USER:authenticated is nobody');
    practice.hands.grant('dev', 'anonymous', 'user');
    assert.equal(practice.look.may('ana', READ, 'pay'), true, 'USER:anonymous is everybody');
  });

  test('a role that does not exist cannot be given', () => {
    assert.throws(() => practice.hands.grant('no such role', 'ana'), /no role/);
  });

  test('what was not saved is gone after a restart and after a reload', async () => {
    practice.hands.grant('dev', 'saved');
    practice.hands.unsavedGrant('dev', 'unsaved');
    assert.deepEqual(practice.look.holders('dev'), ['saved', 'unsaved']);
    await practice.hands.restart('restart');
    assert.deepEqual(practice.look.holders('dev'), ['saved']);
    practice.hands.unsavedGrant('dev', 'again');
    await practice.hands.restart('reload');
    assert.deepEqual(practice.look.holders('dev'), ['saved']);
  });

  test('a save brings what was not saved before to the disk, too', async () => {
    practice.hands.unsavedGrant('dev', 'first');
    practice.hands.grant('dev', 'second');
    await practice.hands.restart('kill');
    assert.deepEqual(practice.look.holders('dev'), ['first', 'second']);
  });

  test('a restart changes the session hash and ends sessions; a reload does neither', async () => {
    const session = async () => (await ask(practice, 'GET', '/whoAmI/api/json')).headers.get('x-jenkins-session');
    const cookie = `JSESSIONID=${practice.hands.openSession('admin')}`;
    const before = await session();
    await practice.hands.restart('reload');
    assert.equal(await session(), before);
    assert.equal(await whoIs(cookie), 'admin');
    await practice.hands.restart('safeRestart');
    assert.notEqual(await session(), before);
    assert.equal(await whoIs(cookie), 'anonymous');
  });

  test('a stale "Assign Roles" page reverts grants that came since, and empties roles it did not know', () => {
    practice.hands.grant('dev', 'ana');
    const page = practice.hands.assignRolesPage();
    practice.hands.revoke('dev', 'ana');
    practice.hands.grant('dev', 'ben');
    practice.hands.defineRole({ ...DEV, name: 'newer' });
    practice.hands.grant('newer', 'cleo');
    page.save();
    assert.deepEqual(practice.look.holders('dev'), ['ana']);
    assert.deepEqual(practice.look.holders('newer'), []);
  });

  test('configuration-as-code puts its roles in the place of all', async () => {
    practice.hands.grant('dev', 'ana');
    practice.hands.reloadJcasc([
      {
        type: 'global',
        name: 'admin',
        pattern: '.*',
        permissions: [ADMINISTER],
        entries: [{ type: 'user', id: SERVICE }],
      },
    ]);
    assert.deepEqual(practice.look.roles('item'), []);
    assert.equal(
      (await ask(practice, 'GET', '/role-strategy/strategy/getAllRoles')).body,
      `{"admin":[{"type":"USER","sid":"${SERVICE}"}]}`,
    );
  });

  test('another strategy makes role-strategy 404 for administrators and 403 for others', async () => {
    practice.hands.account('ana', 'secret');
    practice.hands.defineRole({
      type: 'global',
      name: 'reader',
      pattern: '.*',
      permissions: ['hudson.model.Hudson.Read'],
    });
    practice.hands.grant('reader', 'ana');
    practice.hands.useStrategy('hudson.security.FullControlOnceLoggedInAuthorizationStrategy');
    assert.equal((await ask(practice, 'GET', '/role-strategy/strategy/getAllRoles')).status, 404);
    const other = await ask(practice, 'GET', '/role-strategy/strategy/getAllRoles', { user: 'ana', secret: 'secret' });
    assert.equal(other.status, 403);
    practice.hands.useStrategy();
    assert.equal((await ask(practice, 'GET', '/role-strategy/strategy/getAllRoles')).status, 200);
  });

  test('a login through the form opens a session that a new seed ends', async () => {
    const cookie = await logIn(practice, 'admin', ADMIN_PASSWORD);
    assert.equal(await whoIs(cookie), 'admin');
    const controller = driver(practice);
    await controller.cut(1, [{ id: 'admin', steps: ['end-sessions'], entries: [] }]);
    await controller.close();
    assert.equal(await whoIs(cookie), 'anonymous');
    assert.equal(await whoIs(await logIn(practice, 'admin', ADMIN_PASSWORD)), 'admin', 'the password is untouched');
    assert.equal(await whoIs(await logIn(practice, 'admin', 'wrong')), 'anonymous');
  });

  test('a session does not outlive a record that a leaver step deletes', async () => {
    const controller = driver(practice);
    practice.hands.account('ana', 'secret');
    const session = practice.hands.openSession('ana');
    const steps = ['end-sessions', 'delete-record'] as const;
    const { results } = await controller.cut(1, [{ id: 'ana', steps, entries: 'all' }]);
    assert.equal(results[0]!.after.record, undefined);
    assert.equal(await whoIs(`JSESSIONID=${session}`), 'anonymous');
    assert.equal((await controller.people(['ana']))[0]!.record, undefined);
    assert.deepEqual(
      (await controller.inventory()).filter(({ id }) => id === 'ana'),
      [],
    );
  });

  test('a session outlives its deleted record by one request, which leaves an unsaved record', async () => {
    practice.hands.account('bob', 'secret');
    const cookie = await logIn(practice, 'bob', 'secret');
    practice.hands.forget('bob');
    assert.equal(await whoIs(cookie), 'bob');
    assert.equal(await whoIs(cookie), 'anonymous');
    const controller = driver(practice);
    const [state] = await controller.people(['bob']);
    assert.equal(state?.record, undefined, 'it holds nothing');
    assert.equal(
      (await controller.inventory()).some(({ id }) => id === 'bob'),
      false,
      'it is not on disk',
    );
    await controller.close();
  });

  test('without user seeds sessions cannot be ended, and the cut says so', async () => {
    practice.hands.disableUserSeeds();
    const controller = driver(practice);
    assert.equal((await controller.probe()).userSeeds, false);
    const { results } = await controller.cut(1, [{ id: 'ana', steps: ['end-sessions'], entries: [] }]);
    assert.deepEqual(results[0]?.missing, ['end-sessions']);
    await controller.close();
  });

  test('credentials, builds and open SSH sessions of a person are told', async () => {
    const { hands } = practice;
    hands.mintToken('ana');
    hands.addCredential('ana');
    hands.startBuild('Ana');
    hands.openSshSession('ana');
    const controller = driver(practice);
    const [state] = await controller.people(['ana']);
    assert.equal(state?.credentials, 1);
    assert.equal(state?.runningBuilds, 1);
    assert.equal(state?.sshSessions, 1);
    await controller.cut(1, [{ id: 'ana', steps: ['remove-ssh-keys', 'end-sessions'], entries: [] }]);
    assert.equal(practice.look.person('ana').sshSessions, 1, 'keys and seeds do not close a connection');
    await controller.cut(2, [{ id: 'ana', steps: ['close-ssh-sessions'], entries: [] }]);
    assert.equal(practice.look.person('ana').sshSessions, 0);
    await controller.close();
  });

  test('jobs that a token starts are told with a cut, and are there after a restart', async () => {
    const { hands } = practice;
    hands.job('pay/api', 's3cret');
    hands.job('pay/web');
    const controller = driver(practice);
    const order = [{ id: 'ana', steps: ['remove-entries'], entries: [] }] as const;
    const triggers = { count: 1, jobs: ['pay/api'], whole: true };
    assert.deepEqual((await controller.cut(1, order)).remoteTriggers, triggers);
    await hands.restart('restart');
    assert.deepEqual((await controller.cut(1, order)).remoteTriggers, triggers);
    hands.dropJob('pay/api');
    assert.deepEqual((await controller.cut(2, order)).remoteTriggers, { count: 0, jobs: [], whole: true });
    await controller.close();
  });

  test('configuration-as-code with roles shows in the probe', async () => {
    const controller = driver(practice);
    assert.equal((await controller.probe()).jcasc, 'absent');
    practice.hands.useJcasc('roles');
    assert.equal((await controller.probe()).jcasc, 'roles');
    await controller.close();
  });
});
