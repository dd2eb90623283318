import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Controller, PersonState, StrategyChange } from '../../src/access/ports/controller.ts';
import type { RoleKey } from '../../src/access/role.ts';
import { writeLetter } from '../../src/jenkins/envelope.ts';
import { SCRIPTS } from '../../src/jenkins/scripts/catalogue.ts';
import { controllerConformance, type Subject } from '../jenkins/conformance.ts';
import { type Bench, prepareBench, startBench } from './bench.ts';
import { FRESH, LOOK, literal, openBenchSubject, recordOf } from './world.ts';

const prepared = prepareBench();

/** A key, the same with options before it, a line that is none, and one whose Base64 is none. */
const KEYS = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFi8S0Zlo2E9wQQue728UK1tPB6WuVt4l/eIdpK0aaaa e2e',
  '',
  'no-pty,command="a b" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFi8S0Zlo2E9wQQue728UK1tPB6WuVt4l/eIdpK0aaaa',
  'garbage',
  'ssh-rsa ***',
].join('\n');

if ('absent' in prepared) {
  test(`the Groovy scripts were not run: ${prepared.absent}`, { skip: true }, () => {});
} else {
  const { classpath } = prepared;
  let bench: Bench;
  before(async () => {
    bench = await startBench(classpath);
  });
  after(() => bench?.close());

  controllerConformance('Groovy 2.4.21', async () => {
    await bench.groovyRun(`${FRESH}; return null`);
    return openBenchSubject(bench);
  });

  describe('the scripts under Groovy 2.4.21', () => {
    let subject: Subject;
    let controller: Controller;
    const dev: RoleKey = { type: 'item', name: 'dev' };

    beforeEach(async () => {
      await bench.groovyRun(`${FRESH}
        def dev = new Role('dev', Pattern.compile('a/.*'), [jenkins.model.Jenkins.ITEM_READ] as Set, null, '')
        s.getRoleMap(RoleType.Project).addRole(dev, [new PermissionEntry(AuthorizationType.USER, 'ana')] as Set)
        return null`);
      subject = openBenchSubject(bench);
      controller = subject.controller;
    });

    const look = (expression: string) => bench.groovyRun(`${LOOK}println(${expression}); return null`);
    const DEV_SET = `s.getGrantedRolesEntries(RoleType.Project).find { r, e -> r.name == 'dev' }.value`;

    async function apply(changes: readonly StrategyChange[], keep: readonly string[] = []) {
      const digest = (await controller.observe()).roles.find((role) => role.name === 'dev')!.digest;
      return controller.apply({
        id: 'b',
        fence: 1,
        preconditions: [{ role: dev, digest }],
        changes,
        keepAdministrators: keep,
      });
    }
    const grant = (id: string): StrategyChange => ({ op: 'grant', role: dev, principal: { type: 'user', id } });
    const devIds = async () =>
      (await controller.observe()).roles.find((role) => role.name === 'dev')!.entries.map((one) => one.id);

    test('it is the Groovy that Jenkins ships', () => assert.equal(bench.groovy, '2.4.21'));

    test('no script gives a value or anything but its one line', async () => {
      for (const script of Object.values(SCRIPTS)) {
        const sentinel = 'ab'.repeat(16);
        const answer = await bench.groovyRun(writeLetter({ parameters: '{}', sentinel, text: script.text }));
        assert.equal(answer.split('\n').length, 1, script.name);
        assert.ok(answer.startsWith(`${sentinel}{"ok":`), answer.slice(0, 200));
      }
    });

    test('a parameter is data: Groovy in it is not evaluated', async () => {
      const hostile = `'; jenkins.model.Jenkins.get().saves = 99; ' \${1+1} $x \\u0027 """ ''' */ //`;
      assert.equal((await apply([grant(hostile)])).outcome, 'done');
      assert.deepEqual((await devIds()).toSorted(), [hostile, 'ana'].toSorted());
      assert.equal(await look('j.saves'), '1');
    });

    test('parameters of over a megabyte arrive whole', async () => {
      const ids = Array.from({ length: 400 }, (_, at) => `${at}-${'é'.repeat(2000)}`);
      const states = await controller.people(ids);
      assert.deepEqual(
        states.map((state) => state.id),
        ids,
      );
    });

    test('a few changes go into the set that is there; the plugin drops its cache', async () => {
      await apply([grant('ben')]);
      assert.equal(await look(`${DEV_SET}.class.simpleName`), 'CopyOnWriteArraySet');
      assert.notEqual(await look('s.getRoleMap(RoleType.Project).invalidations'), '1');
    });

    test('many changes put a concurrent set in place of the quadratic one', async () => {
      const outcome = await apply(Array.from({ length: 20_000 }, (_, at) => grant(`p${at}`)));
      assert.ok(outcome.outcome === 'done');
      assert.equal(outcome.saves, 1);
      assert.equal(await look(`${DEV_SET}.class.name`), 'java.util.concurrent.ConcurrentHashMap$KeySetView');
      assert.equal((await devIds()).length, 20_001);
    });

    test('a plain HashSet of a JCasC load is replaced, never changed in place', async () => {
      await bench.groovyRun(`${LOOK}
        def maps = [:]
        RoleType.values().each { maps[it] = new RoleMap(new TreeMap(s.getGrantedRolesEntries(it))) }
        j.authorizationStrategy = new RoleBasedAuthorizationStrategy(maps)
        return null`);
      assert.equal(await look(`${DEV_SET}.class.name`), 'java.util.HashSet');
      assert.equal((await apply([grant('ben')])).outcome, 'done');
      assert.equal(await look(`${DEV_SET}.class.name`), 'java.util.concurrent.ConcurrentHashMap$KeySetView');
      assert.deepEqual((await devIds()).toSorted(), ['ana', 'ben']);
    });

    test('where the private map cannot be reached, addRole with a set does it', async () => {
      await bench.groovyRun(`${LOOK}
        class Closed extends RoleMap { }
        def closed = new Closed()
        s.getGrantedRolesEntries(RoleType.Project).each { r, e -> closed.addRole(r, e) }
        j.authorizationStrategy = new RoleBasedAuthorizationStrategy([(RoleType.Project): closed, (RoleType.Global): s.getRoleMap(RoleType.Global)])
        return null`);
      const many = Array.from({ length: 100 }, (_, at) => grant(`p${at}`));
      assert.equal((await apply(many)).outcome, 'done');
      assert.equal(await look(`${DEV_SET}.class.simpleName`), 'CopyOnWriteArraySet');
      assert.equal((await devIds()).length, 101);
    });

    test('what somebody adds and removes while a set is copied stays added and removed', async () => {
      await bench.groovyRun(`${LOOK}
        def m = s.getRoleMap(RoleType.Project); def r = m.getRole('dev')
        def by = { new PermissionEntry(AuthorizationType.USER, it) }
        def raced = new HashSet([by('ana'), by('bo')]) {
          int looks = 0
          Object[] toArray() {
            def copy = super.toArray()
            if (++looks == 4) { super.add(by('carl')); super.remove(by('bo')) }
            copy
          }
        }
        m.@grantedRoles.put(r, raced)
        return null`);
      const report = await apply([grant('dan')]);
      assert.equal(report.outcome, 'done');
      assert.equal(await look(`${DEV_SET}*.sid.sort()`), '[ana, carl, dan]');
    });

    test('an update of a role keeps its description', async () => {
      await bench.groovyRun(`${LOOK}
        def m = s.getRoleMap(RoleType.Project); m.removeRole(m.getRole('dev'))
        m.addRole(new Role('dev', Pattern.compile('a/.*'), [jenkins.model.Jenkins.ITEM_READ] as Set, 'Whoever builds', ''), [] as Set)
        return null`);
      const [role] = (await controller.observe()).roles.filter(({ name }) => name === 'dev');
      const report = await apply([
        { op: 'update-role', role: { ...dev, pattern: 'b/.*', permissions: [...role!.permissions] } },
      ]);
      assert.equal(report.outcome, 'done');
      assert.equal(
        await look(`s.getRoleMap(RoleType.Project).getRole('dev').with { [it.pattern, it.description] }`),
        '[b/.*, Whoever builds]',
      );
    });

    test('a save that fails leaves what was there before, and says so', async () => {
      await bench.groovyRun(`${LOOK}j.diskFull = true; return null`);
      const before = (await controller.observe()).roles;
      const many = Array.from({ length: 100 }, (_, at) => grant(`p${at}`));
      const update: StrategyChange = { op: 'update-role', role: { ...dev, pattern: 'b/.*', permissions: [] } };
      for (const changes of [
        [grant('ben')],
        many,
        [update, grant('ben')],
        [{ op: 'delete-role', role: dev }] as const,
      ]) {
        await assert.rejects(apply(changes), { code: 'JEN_SCRIPT', message: /no space left/ });
        assert.deepEqual((await controller.observe()).roles, before);
      }
    });

    test('a strategy that is replaced while it is saved is a conflict', async () => {
      await bench.groovyRun(`${LOOK}
        j.whileSaving = { j.authorizationStrategy = new RoleBasedAuthorizationStrategy() } as Runnable
        return null`);
      const outcome = await apply([grant('ben')]);
      assert.deepEqual(outcome, { outcome: 'conflict', reason: 'the strategy was replaced while it was saved' });
    });

    test('an administrator lost while it was saved is put back and saved again', async () => {
      await bench.groovyRun(`${LOOK}
        j.whileSaving = { if (j.saves == 0) s.getRoleMap(RoleType.Global).clearSidsForRole(s.getRoleMap(RoleType.Global).getRole('admin')) } as Runnable
        return null`);
      assert.equal((await apply([grant('ben')], ['admin'])).outcome, 'lock-out');
      assert.deepEqual(await devIds(), ['ana']);
      assert.equal(await look('j.saves'), '2');
    });

    test('administering is judged without asking the realm', async () => {
      const outcome = await apply([grant('ben')], ['somebody', 'ADMIN']);
      assert.equal(outcome.outcome, 'done');
    });

    test('a change that finds its role gone undoes those before it', async () => {
      const other: RoleKey = { type: 'item', name: 'gone' };
      const before = (await controller.observe()).roles;
      const digest = before.find((role) => role.name === 'dev')!.digest;
      const outcome = await controller.apply({
        id: 'b',
        fence: 1,
        preconditions: [
          { role: dev, digest },
          { role: other, digest: 'absent' },
        ],
        changes: [grant('ben'), { op: 'grant', role: other, principal: { type: 'user', id: 'ben' } }],
        keepAdministrators: [],
      });
      assert.equal(outcome.outcome, 'conflict');
      assert.deepEqual((await controller.observe()).roles, before);
      assert.equal(await look('j.saves'), '0');
    });

    test('another strategy is named, and nothing is changed', async () => {
      await bench.groovyRun(
        `${LOOK}j.authorizationStrategy = new hudson.security.AuthorizationStrategy(); return null`,
      );
      await assert.rejects(controller.observe(), { code: 'JEN_STRATEGY' });
      await assert.rejects(controller.fingerprint(), { code: 'JEN_STRATEGY' });
      assert.match((await controller.probe()).strategy, /AuthorizationStrategy$/);
      const role = { role: dev, digest: 'absent' } as const;
      const batch = { id: 'b', fence: 1, preconditions: [role], changes: [], keepAdministrators: [] };
      assert.equal((await controller.apply(batch)).outcome, 'conflict');
      const [result] = (await controller.cut(1, [{ id: 'ana', steps: ['remove-entries'], entries: 'all' }])).results;
      assert.equal(result!.steps[0]!.done, false);
    });

    test('role-strategy without typed entries is too old', async () => {
      await bench.groovyRun(`${LOOK}
        j.pluginManager.plugins[0] = new hudson.PluginWrapper('role-strategy', '633.v836e5b_3e80a_5', true)
        j.pluginManager.absent << 'com.michelin.cio.hudson.plugins.rolestrategy.PermissionEntry'; return null`);
      const error = { code: 'JEN_STRATEGY', message: /role-strategy 633\.v836e5b_3e80a_5 is older than 657/ };
      await assert.rejects(controller.observe(), error);
      const batch = { id: 'b', fence: 1, preconditions: [], changes: [], keepAdministrators: [] };
      await assert.rejects(controller.apply(batch), error);
    });

    test('the switches of role-strategy are told, and none where a plugin lacks them', async () => {
      const switches = async () => (await controller.probe()).roleSwitches;
      const none = { caseSensitive: false, authoritiesAsRoles: false };
      assert.deepEqual(await switches(), none);
      await bench.groovyRun(`${LOOK}
        RoleMap.FORCE_CASE_SENSITIVE = true
        org.jenkinsci.plugins.rolestrategy.Settings.TREAT_USER_AUTHORITIES_AS_ROLES = true; return null`);
      assert.deepEqual(await switches(), { caseSensitive: true, authoritiesAsRoles: true });
      await bench.groovyRun(`${LOOK}
        j.pluginManager.absent << 'org.jenkinsci.plugins.rolestrategy.Settings'
        j.pluginManager.absent << 'com.michelin.cio.hudson.plugins.rolestrategy.RoleMap'; return null`);
      assert.deepEqual(await switches(), none);
    });

    test('the user of an escape hatch is told, and none where there is none', async () => {
      const told = async (properties: string) => {
        await bench.groovyRun(`${LOOK}
          j.securityRealm = new org.jenkinsci.plugins.oic.OicSecurityRealm(${properties}); return null`);
        return (await controller.probe()).escapeHatch;
      };
      assert.equal((await controller.probe()).escapeHatch, null);
      assert.equal(await told('[new Object()]'), null);
      assert.equal(
        await told("[new Object(), new org.jenkinsci.plugins.oic.properties.EscapeHatch('hatch')]"),
        'hatch',
      );
    });

    test('configuration-as-code is told with and without a role block', async () => {
      assert.equal((await controller.probe()).jcasc, 'absent');
      await bench.groovyRun(`${LOOK}
        j.pluginManager.plugins << new hudson.PluginWrapper('configuration-as-code', '2117', true)
        def dir = java.nio.file.Files.createTempDirectory('casc').toFile(); dir.deleteOnExit()
        io.jenkins.plugins.casc.ConfigurationAsCode.get().sources.with { clear(); add(dir.path); add('https://example.test/casc.yaml') }
        new File(dir, 'a.yaml').text = 'jenkins:\\n  authorizationStrategy: loggedInUsersCanDoAnything\\n'
        return null`);
      assert.equal((await controller.probe()).jcasc, 'no-roles');
      await bench.groovyRun(`
        def dir = new File(io.jenkins.plugins.casc.ConfigurationAsCode.get().sources[0])
        new File(dir, 'sub').mkdir()
        new File(dir, 'sub/b.yml').text = 'jenkins: {authorizationStrategy: {"roleBased": {roles: {}}}}'
        return null`);
      assert.equal((await controller.probe()).jcasc, 'roles');
    });

    test('a role block that was commented out is none, and a file counts whatever the case of its ending', async () => {
      const write = (name: string, text: string) =>
        bench.groovyRun(`
          def dir = new File(io.jenkins.plugins.casc.ConfigurationAsCode.get().sources[0])
          new File(dir, '${name}').text = ${literal(text)}
          return null`);
      await bench.groovyRun(`${LOOK}
        j.pluginManager.plugins << new hudson.PluginWrapper('configuration-as-code', '2117', true)
        def dir = java.nio.file.Files.createTempDirectory('casc').toFile(); dir.deleteOnExit()
        io.jenkins.plugins.casc.ConfigurationAsCode.get().sources.with { clear(); add(dir.path) }
        return null`);
      await write(
        'a.yaml',
        'jenkins:\n  # authorizationStrategy:\n  #   roleBased:\n  mode: NORMAL # no roleBased: here\n',
      );
      assert.equal((await controller.probe()).jcasc, 'no-roles');
      await write('B.YML', 'jenkins:\n  systemMessage: "a#b"\n  authorizationStrategy:\n    roleBased: # ours\n');
      assert.equal((await controller.probe()).jcasc, 'roles');
    });

    test('a role block is seen by the long name of the strategy, and in a source that is named by a file: address', async () => {
      await bench.groovyRun(`${LOOK}
        j.pluginManager.plugins << new hudson.PluginWrapper('configuration-as-code', '2117', true)
        def file = File.createTempFile('casc', '.yaml'); file.deleteOnExit()
        file.text = 'jenkins: {authorizationStrategy: {roleBasedAuthorizationStrategy: {roles: {}}}}'
        io.jenkins.plugins.casc.ConfigurationAsCode.get().sources.with { clear(); add(file.path) }
        return null`);
      assert.equal((await controller.probe()).jcasc, 'roles');
      await bench.groovyRun(`
        def sources = io.jenkins.plugins.casc.ConfigurationAsCode.get().sources
        def file = new File(sources[0])
        file.text = 'jenkins: {authorizationStrategy: {roleBased: {roles: {}}}}'
        sources.with { clear(); add(file.toURI().toString()) }
        return null`);
      assert.equal((await controller.probe()).jcasc, 'roles');
    });

    describe('a leaver', () => {
      const ALL = [
        'revoke-tokens',
        'remove-ssh-keys',
        'close-ssh-sessions',
        'scramble-password',
        'end-sessions',
        'remove-entries',
        'second-cut',
      ] as const;
      const record = (id: string, over = {}) =>
        bench.groovyRun(
          `${LOOK}${recordOf(id, { tokens: ['ci'], legacyToken: true, sshKeys: 1, password: true, ...over })}; return null`,
        );
      const order = (id: string) => ({ id, steps: ALL, entries: 'all' as const });

      test('a restart brings nothing back: no legacy token, no key, no old seed, no old password', async () => {
        await record('ana');
        const seed = `hudson.model.User.getById('ana', false).getProperty(jenkins.security.seed.UserSeedProperty).seed`;
        const hash = `hudson.model.User.getById('ana', false).getProperty(hudson.security.HudsonPrivateSecurityRealm.Details).password`;
        const [oldSeed, oldHash] = [await look(seed), await look(hash)];
        const outcome = await controller.cut(1, [order('ana')]);
        assert.deepEqual(outcome.results[0]!.missing, []);
        await bench.groovyRun('hudson.model.User.restart(); return null');
        const [state] = await controller.people(['ana']);
        assert.deepEqual(state!.tokens, []);
        assert.equal(state!.sshKeys, 0);
        assert.notEqual(await look(seed), oldSeed);
        const newHash = await look(hash);
        assert.notEqual(newHash, oldHash);
        assert.equal(newHash.replace('#hash:', '').length, 72);
      });

      test('one password that nobody knows is hashed for all people of a call, and another one for the next', async () => {
        const hash = (id: string) =>
          look(
            `hudson.model.User.getById('${id}', false).getProperty(hudson.security.HudsonPrivateSecurityRealm.Details).password`,
          );
        for (const id of ['ana', 'ben', 'cy']) await record(id);
        await controller.cut(1, [order('ana'), order('ben')]);
        await controller.cut(1, [order('cy')]);
        const [ana, ben, cy] = [await hash('ana'), await hash('ben'), await hash('cy')];
        assert.equal(ana, ben);
        assert.notEqual(ana, cy);
        assert.notEqual(ana, '#hash:first');
      });

      test('tokens that cannot be listed are revoked all the same', async () => {
        await bench.groovyRun(`${LOOK}
          hudson.model.User.getById('ana', true).addProperty(new jenkins.security.ApiTokenProperty() {
            Collection getTokenList() {
              if (!super.getTokenList().isEmpty()) throw new NullPointerException('a token without a name')
              []
            }
          }.add('one', null).add('two', null))
          return null`);
        const { results } = await controller.cut(1, [
          { id: 'ana', steps: ['revoke-tokens', 'second-cut'], entries: [] },
        ]);
        assert.deepEqual(
          results[0]!.steps.map(({ kind, done }) => [kind, done]),
          [
            ['revoke-tokens', true],
            ['second-cut', true],
          ],
        );
        assert.deepEqual([results[0]!.error, results[0]!.after.tokens], [undefined, []]);
      });

      test('remembered groups are forgotten', async () => {
        await record('ana');
        await controller.cut(1, [order('ana')]);
        const groups = `hudson.model.User.getById('ana', false).getProperty(jenkins.security.LastGrantedAuthoritiesProperty).@roles`;
        assert.equal(await look(groups), 'null');
      });

      test('a legacy secret that no list shows counts as a token', async () => {
        await record('ana', { tokens: [], legacyToken: true });
        await bench.groovyRun(`
          def t = hudson.model.User.getById('ana', false).getProperty(jenkins.security.ApiTokenProperty)
          t.@tokens.clear(); return null`);
        assert.deepEqual((await controller.people(['ana']))[0]!.tokens, [{ uuid: '', name: 'legacy', legacy: true }]);
      });

      test('open SSH sessions of that person are closed, of nobody else', async () => {
        await record('ana');
        await bench.groovyRun(`
          def server = org.jenkinsci.main.modules.sshd.SSHD.get().start()
          ['Ana', 'ana', 'ben', null].each { server.sessions << new org.jenkinsci.main.modules.sshd.SSHD.Session(it) }
          return null`);
        const outcome = await controller.cut(1, [order('ana')]);
        const step = outcome.results[0]!.steps.find((one) => one.kind === 'close-ssh-sessions')!;
        assert.equal(step.count, 2);
        assert.equal(outcome.results[0]!.after.sshSessions, 0);
        const open = `org.jenkinsci.main.modules.sshd.SSHD.get().@sshd.activeSessions*.username`;
        assert.equal(await look(open), '[ben, null]');
      });

      for (const way of ['overHttp', 'overWebSocket'])
        test(`a command of the CLI that runs ${way === 'overHttp' ? 'over HTTP' : 'over a WebSocket'} is ended like an SSH session, of nobody else`, async () => {
          await record('ana');
          await bench.groovyRun(`
            System.properties.clis = ['Ana', 'ben'].collect { hudson.cli.CLIAction.${way}(it) }
            Thread.sleep(100); return null`);
          assert.equal((await controller.people(['ana']))[0]!.sshSessions, 1);
          const outcome = await controller.cut(1, [order('ana')]);
          assert.equal(outcome.results[0]!.steps.find((one) => one.kind === 'close-ssh-sessions')!.count, 1);
          await bench.groovyRun('System.properties.clis[0].join(5000); return null');
          assert.equal((await controller.people(['ana']))[0]!.sshSessions, 0);
          assert.equal(await look('System.properties.clis*.alive'), '[false, true]');
          await bench.groovyRun(`System.properties.remove('clis')*.interrupt(); return null`);
          await controller.cut(1, [{ ...order('ben'), id: 'ben' }]);
        });

      test('a Jenkins that calls what runs a command of the CLI otherwise keeps nobody from being cut', async () => {
        await record('ana');
        await bench.groovyRun(`
          System.properties.clis = [hudson.cli.CLIAction.overHttpOfAnotherJenkins('ana'), hudson.cli.CLIAction.overWebSocketOfAnotherJenkins('ana')]
          Thread.sleep(100); return null`);
        assert.equal((await controller.people(['ana']))[0]!.sshSessions, 1, 'by the name of its thread');
        const outcome = await controller.cut(1, [order('ana')]);
        assert.ok(outcome.results[0]!.steps.every((step) => step.done));
        await bench.groovyRun(`System.properties.remove('clis')*.interrupt(); return null`);
      });

      test('without the sshd plugin the steps are done, with nothing to do', async () => {
        await record('ana', { sshKeys: 0 });
        await bench.groovyRun(`${LOOK}j.pluginManager.absent << 'org.jenkinsci.main.modules'; return null`);
        const outcome = await controller.cut(1, [order('ana')]);
        assert.ok(outcome.results[0]!.steps.every((step) => step.done));
      });

      test('disabled seeds make ending sessions a missing step', async () => {
        await record('ana');
        await bench.groovyRun('jenkins.security.seed.UserSeedProperty.DISABLE_USER_SEED = true; return null');
        const outcome = await controller.cut(1, [order('ana')]);
        assert.deepEqual(outcome.results[0]!.missing, ['end-sessions']);
        assert.equal((await controller.probe()).userSeeds, false);
      });

      test('a record that cannot be saved is told, and the others are cut', async () => {
        await record('ana');
        await record('ben');
        await bench.groovyRun(`${LOOK}
          hudson.model.User.getById('ana', false).@properties.removeAll { it instanceof jenkins.security.seed.UserSeedProperty }
          return null`);
        const outcome = await controller.cut(1, [order('ana'), order('ben')]);
        const [ana, ben] = outcome.results;
        assert.equal(ana!.steps.find((step) => step.kind === 'end-sessions')!.done, false);
        assert.equal(ana!.steps.find((step) => step.kind === 'revoke-tokens')!.done, true);
        assert.ok(ben!.steps.every((step) => step.done));
        await bench.groovyRun('hudson.model.User.diskFull = true; return null');
        const full = await controller.cut(1, [order('ben')]);
        const personal = full.results[0]!.steps.filter((step) => ALL.indexOf(step.kind as never) < 5);
        assert.ok(personal.every((step) => !step.done && /not saved/.test(step.reason!)));
      });

      test('what the second cut took from memory alone is not called done before the record was saved', async () => {
        await record('ana', { tokens: [], legacyToken: false });
        const keys = ['remove-ssh-keys', 'close-ssh-sessions'] as const;
        const again = { id: 'ana', steps: ['second-cut'], again: keys, entries: [] } as const;
        const disk = (full: boolean) => bench.groovyRun(`hudson.model.User.diskFull = ${full}; return null`);
        const cutAgain = async () => (await controller.cut(1, [again])).results[0]!.steps[0]!;
        await disk(true);
        for (let time = 0; time < 3; time++) {
          const step = await cutAgain();
          assert.equal(step.done, false);
          assert.match(step.reason!, /no space/);
        }
        await disk(false);
        assert.equal((await cutAgain()).done, true);
      });

      test('password and session seed have marks that change with them alone', async () => {
        await record('ana');
        await record('ben', { password: false });
        const marks = async (id: string) => (await controller.people([id]))[0]!.marks!;
        const first = await marks('ana');
        assert.match(first.password, /^[0-9a-f]{64}$/);
        assert.notEqual(first.password, (await marks('ben')).password);
        await controller.cut(1, [{ id: 'ana', steps: ['revoke-tokens', 'remove-ssh-keys'], entries: [] }]);
        assert.deepEqual(await marks('ana'), first);
        await controller.cut(1, [{ id: 'ana', steps: ['end-sessions'], entries: [] }]);
        const second = await marks('ana');
        assert.deepEqual([second.password === first.password, second.seed === first.seed], [true, false]);
        await controller.cut(1, [{ id: 'ana', steps: ['scramble-password'], entries: [] }]);
        const third = await marks('ana');
        assert.deepEqual([third.password === first.password, third.seed === second.seed], [false, true]);
      });

      test('who logged in since their sessions were ended is told, where a seed can end them', async () => {
        await record('ana');
        const signedIn = async () => (await controller.people(['ana']))[0]!.signedIn;
        const logIn = `hudson.model.User.getById('ana', true).addProperty(new jenkins.security.LastGrantedAuthoritiesProperty())`;
        const [cut] = (await controller.cut(1, [{ id: 'ana', steps: ['end-sessions'], entries: [] }])).results;
        assert.deepEqual([cut!.after.signedIn, await signedIn()], [undefined, undefined]);
        await bench.groovyRun(`${logIn}; return null`);
        assert.equal(await signedIn(), true);
        const seeds = (off: boolean) =>
          `jenkins.security.seed.UserSeedProperty.DISABLE_USER_SEED = ${off}; return null`;
        await bench.groovyRun(seeds(true));
        assert.equal(await signedIn(), undefined);
        await bench.groovyRun(seeds(false));
      });

      test('entries that could not be saved are not called done', async () => {
        await bench.groovyRun(`${LOOK}j.diskFull = true; return null`);
        const outcome = await controller.cut(1, [{ id: 'ana', steps: ['remove-entries'], entries: 'all' }]);
        assert.match(outcome.results[0]!.steps[0]!.reason!, /not saved.*no space/);
      });

      test('entries that are gone from memory alone are not called done before a save took them along', async () => {
        const entries = { id: 'ana', steps: ['remove-entries'], entries: 'all' } as const;
        const disk = (full: boolean) => bench.groovyRun(`${LOOK}j.diskFull = ${full}; return null`);
        await disk(true);
        assert.equal((await controller.cut(1, [entries])).results[0]!.steps[0]!.done, false);
        const again = (await controller.cut(1, [entries])).results[0]!.steps[0]!;
        assert.equal(again.done, false);
        assert.match(again.reason!, /not saved.*no space/);
        await disk(false);
        await controller.cut(1, [{ id: 'ben', steps: ['revoke-tokens'], entries: [] }]);
        assert.equal(await look('j.saves'), '0');
        assert.equal((await controller.cut(1, [entries])).results[0]!.steps[0]!.done, true);
        assert.equal(await look('j.saves'), '1');
        await controller.cut(1, [entries]);
        assert.equal(await look('j.saves'), '1');
      });

      test('a batch that is saved takes along what a cut could not save', async () => {
        const entries = { id: 'ana', steps: ['remove-entries'], entries: 'all' } as const;
        await bench.groovyRun(`${LOOK}j.diskFull = true; return null`);
        await controller.cut(1, [entries]);
        await assert.rejects(apply([grant('ben')]), { code: 'JEN_SCRIPT' });
        assert.equal((await controller.cut(1, [entries])).results[0]!.steps[0]!.done, false);
        await bench.groovyRun(`${LOOK}j.diskFull = false; return null`);
        assert.equal((await apply([grant('ben')])).outcome, 'done');
        assert.equal((await controller.cut(1, [entries])).results[0]!.steps[0]!.done, true);
        assert.equal(await look('j.saves'), '1');
      });

      test('the entries of many leavers are one save', async () => {
        await bench.groovyRun(`${LOOK}
          def m = s.getRoleMap(RoleType.Project)
          50.times { m.assignRole(m.getRole('dev'), new PermissionEntry(AuthorizationType.USER, 'p' + it)) }
          return null`);
        const orders = Array.from({ length: 50 }, (_, at) => order(`p${at}`));
        const outcome = await controller.cut(1, orders);
        assert.equal(outcome.results.length, 50);
        assert.equal(await look('j.saves'), '1');
        assert.deepEqual(await devIds(), ['ana']);
      });

      test('a record that lives in memory only is cut and not brought to the disk', async () => {
        await bench.groovyRun(`
          def u = hudson.model.User.getById('ghost', true)
          hudson.BulkChange c = new hudson.BulkChange(u)
          u.addProperty(new jenkins.security.seed.UserSeedProperty()); c.abort(); return null`);
        const outcome = await controller.cut(1, [order('ghost')]);
        assert.ok(outcome.results[0]!.steps.every((step) => step.done));
        assert.equal(outcome.results[0]!.after.marks, undefined, 'it is made anew with another seed');
        assert.equal(await look(`hudson.model.User.getById('ghost', false).userFolder`), 'null');
        assert.deepEqual(await controller.inventory(), []);
      });

      test('a deleted record leaves one in memory that holds nothing, so that Jenkins does not let sessions of before in', async () => {
        await bench.groovyRun(`
          hudson.model.User.getById('ana', true).addProperty(new jenkins.security.seed.UserSeedProperty()); return null`);
        const outcome = await controller.cut(1, [
          { id: 'ana', steps: ['end-sessions', 'delete-record'], entries: 'all' },
        ]);
        assert.deepEqual(
          outcome.results[0]!.steps.map(({ kind, count }) => [kind, count]),
          [
            ['end-sessions', 1],
            ['delete-record', 1],
          ],
        );
        assert.equal(outcome.results[0]!.after.record, undefined);
        assert.equal(await look(`hudson.model.User.getById('ana', false).userFolder`), 'null');
        assert.equal((await controller.people(['ana']))[0]!.record, undefined);
      });

      test('nothing is created for somebody without a record', async () => {
        await controller.cut(1, [order('nobody')]);
        await controller.people(['nobody', 'Another One']);
        assert.equal(await look('hudson.model.User.all.size()'), '0');
      });

      test('an id that folds by Unicode case is found as Jenkins would find it', async () => {
        await bench.groovyRun(`${LOOK}
          def m = s.getRoleMap(RoleType.Project)
          m.assignRole(m.getRole('dev'), new PermissionEntry(AuthorizationType.USER, ${literal('ſam')}))
          return null`);
        const [state] = await controller.people(['SAM']);
        assert.equal(state!.entries.length, 1);
        await controller.cut(1, [order('sam')]);
        assert.deepEqual(await devIds(), ['ana']);
      });

      test('a case-sensitive realm keeps the two apart', async () => {
        await bench.groovyRun(`${LOOK}
          j.securityRealm.userIdStrategy = new jenkins.model.IdStrategy.CaseSensitive()
          def m = s.getRoleMap(RoleType.Project)
          m.assignRole(m.getRole('dev'), new PermissionEntry(AuthorizationType.USER, 'Ana'))
          return null`);
        assert.equal((await controller.probe()).userIds, 'case-sensitive');
        await controller.cut(1, [order('Ana')]);
        assert.deepEqual(await devIds(), ['ana']);
      });

      test('the second cut finds a token that a live session made in between', async () => {
        await record('ana');
        await bench.groovyRun(`${LOOK}
          j.whileSaving = { hudson.model.User.getById('ana', false).getProperty(jenkins.security.ApiTokenProperty).add('late', null) } as Runnable
          return null`);
        const outcome = await controller.cut(1, [order('ana')]);
        const [result] = outcome.results;
        assert.equal(result!.steps.find((step) => step.kind === 'second-cut')!.count, 1);
        assert.deepEqual(result!.after.tokens, []);
        await bench.groovyRun('hudson.model.User.restart(); return null');
        assert.deepEqual((await controller.people(['ana']))[0]!.tokens, []);
      });

      test('running builds and credentials are told as what is left', async () => {
        await record('ana');
        await bench.groovyRun(`${LOOK}
          hudson.model.User.getById('ana', false).addProperty(
            new com.cloudbees.plugins.credentials.UserCredentialsProvider.UserCredentialsProperty().put('', ['a', 'b']))
          def c = new hudson.model.Computer(); j.computers << c
          def build = new hudson.model.Run(new hudson.model.Cause.UserIdCause('ANA'))
          def one = new hudson.model.Executor(); one.currentExecutable = build; c.executors << one
          def off = new hudson.model.OneOffExecutor(); off.currentExecutable = build; c.oneOffExecutors << off
          c.executors << new hudson.model.Executor()
          return null`);
        const [state] = await controller.people(['ana']);
        assert.equal(state!.runningBuilds, 1);
        assert.equal(state!.queuedBuilds, 0);
        assert.equal(state!.credentials, 2);
      });

      test('a build that another build of the person started, and one that waits, are told too', async () => {
        await record('ana');
        await bench.groovyRun(`${LOOK}
          def c = new hudson.model.Computer(); j.computers << c
          def run = { cause -> def e = new hudson.model.Executor(); e.currentExecutable = new hudson.model.Run(cause); c.executors << e; e.currentExecutable }
          def first = run(new hudson.model.Cause.UserIdCause('Ana'))
          def second = run(new hudson.model.Cause.UpstreamCause(first))
          run(new hudson.model.Cause.UpstreamCause(second))
          run(new hudson.model.Cause.UserIdCause('ben'))
          run(new hudson.model.Cause.UserIdCause(null))
          j.queue.waiting << new hudson.model.Queue.Item([new hudson.model.Cause.UserIdCause('ana'), new hudson.model.Cause.UpstreamCause(first)])
          j.queue.waiting << new hudson.model.Queue.Item([])
          return null`);
        const [state] = await controller.people(['ana']);
        assert.equal(state!.runningBuilds, 3);
        assert.equal(state!.queuedBuilds, 1);
      });

      test('jobs that a token starts are told by name, ten of them, and no token leaves the controller', async () => {
        await record('ana');
        const job = `
          def job = { name, token -> j.items << ([getFullName: { -> name },
            getAuthToken: { -> token == null ? null : new hudson.model.BuildAuthorizationToken(token) }] as jenkins.model.ParameterizedJobMixIn.ParameterizedJob) }`;
        await bench.groovyRun(`${LOOK}${job}
          job('plain', null); job('unset', null); j.items << 'a folder'
          12.times { job('pay/job ' + it, 's3cret') }
          return null`);
        const { remoteTriggers, ...rest } = await controller.cut(1, [order('ana')]);
        assert.deepEqual(remoteTriggers, {
          count: 12,
          jobs: Array.from({ length: 10 }, (_, at) => `pay/job ${at}`),
          whole: true,
        });
        assert.doesNotMatch(JSON.stringify(rest), /s3cret/);
      });

      test('a job that cannot be read stops the look for triggers and nothing else', async () => {
        await record('ana');
        await bench.groovyRun(`${LOOK}
          j.items << ([getFullName: { -> 'x' }, getAuthToken: { -> throw new IllegalStateException('broken') }] as jenkins.model.ParameterizedJobMixIn.ParameterizedJob)
          return null`);
        const { outcome, results, remoteTriggers } = await controller.cut(1, [order('ana')]);
        assert.equal(outcome, 'done');
        assert.ok(results[0]!.steps.every(({ done }) => done));
        assert.deepEqual(remoteTriggers, { count: 0, jobs: [], whole: false });
      });
    });

    /** Runs a script with parameters of its own, past the driver; gives its result. */
    async function raw(script: { text: string }, parameters: unknown) {
      const sentinel = 'cd'.repeat(16);
      const answer = await bench.groovyRun(
        writeLetter({ parameters: JSON.stringify(parameters), sentinel, text: script.text }),
      );
      return JSON.parse(answer.slice(sentinel.length)).result;
    }

    test('a script ends when its time is up, saves what it did, and tells how far it came', async () => {
      const changes = Array.from({ length: 40 }, (_, at) => ({
        op: 'grant',
        type: 'item',
        name: 'dev',
        entries: Array.from({ length: 5000 }, (_, n) => `u${at}-${n}`),
      }));
      const parameters = { fence: 1, lineage: '', preconditions: [], keepAdministrators: [], budget: 1, changes };
      const result = await raw(SCRIPTS.apply, parameters);
      assert.equal(result.outcome, 'done');
      assert.ok(result.applied >= 1 && result.applied < 40, `${result.applied}`);
      assert.equal((await devIds()).length, 1 + result.applied * 5000);
      assert.equal(await look('j.saves'), '1');
    });

    test('people and leavers that were not reached are named', async () => {
      const ids = Array.from({ length: 5000 }, (_, at) => `p${at}`);
      const read = await raw(SCRIPTS.people, { ids, budget: 1 });
      assert.ok(read.rest.length > 0 && read.people.length > 0);
      assert.deepEqual([...read.people.map((one: { id: string }) => one.id), ...read.rest], ids);
      const orders = ids.map((id) => ({ id, steps: ['remove-entries'], entries: null }));
      const cut = await raw(SCRIPTS.cut, {
        fence: 1,
        lineage: '',
        budget: 1,
        triggerBudget: 1,
        shownTriggers: 1,
        orders,
      });
      assert.ok(cut.rest.length > 0 && cut.results.length > 0);
      assert.deepEqual([...cut.results.map((one: { id: string }) => one.id), ...cut.rest], ids);
    });

    test('what ids hold: fingerprints as OpenSSH writes them, dates, open connections, and none of them made', async () => {
      await bench.groovyRun(`${LOOK}${recordOf('Ana', { tokens: ['ci'] })}
        u.addProperty(new org.jenkinsci.main.modules.cli.auth.ssh.UserPropertyImpl(${literal(KEYS)}))
        org.jenkinsci.main.modules.sshd.SSHD.get().start().sessions << new org.jenkinsci.main.modules.sshd.SSHD.Session('ANA')
        u.addProperty(new com.cloudbees.plugins.credentials.UserCredentialsProvider.UserCredentialsProperty().put('x', ['a', 'b']))
        hudson.model.User.getById('bare', true)
        return null`);
      const { known } = await controller.older(['nobody', 'ana', 'bare']);
      const [ana, bare] = known;
      assert.deepEqual(
        ana!.tokens.map(({ uuid: _, ...token }) => token),
        [{ name: 'ci', legacy: false, created: 1795475000000, lastUse: 1795475853812 }],
      );
      assert.deepEqual(ana!.sshKeys, [
        { type: 'ssh-ed25519', fingerprint: 'SHA256:x6PF40xS8lXKG3p36jUKQ7gGlUuCGR1smZi+VGsnAgw' },
        { type: 'ssh-ed25519', fingerprint: 'SHA256:x6PF40xS8lXKG3p36jUKQ7gGlUuCGR1smZi+VGsnAgw' },
        { type: '' },
        { type: 'ssh-rsa' },
      ]);
      assert.deepEqual(
        [ana!.id, ana!.record, ana!.sshSessions, ana!.password, ana!.credentials],
        ['ana', 'Ana', 1, false, 2],
      );
      assert.deepEqual(bare, {
        ...{ id: 'bare', record: 'bare', tokens: [], tokenCount: 0, sshKeys: [], sshKeyCount: 0 },
        ...{ sshSessions: 0, password: false, credentials: 0 },
      });
      assert.equal(await look(`hudson.model.User.getAll()*.id`), '[Ana, bare]');
    });

    test('how often tokens of an account were used; no record is made of one that has none', async () => {
      await bench.groovyRun(`${LOOK}${recordOf('Svc', { tokens: ['a', 'b'] })}
        u.getProperty(jenkins.security.ApiTokenProperty).used(7)
        hudson.model.User.getById('bare', true)
        return null`);
      const asked = async (id: string) => {
        const { counted, tokens } = await raw(SCRIPTS.uses, { id });
        return [counted, tokens.map(({ uses }: { uses: number }) => uses)];
      };
      assert.deepEqual(await asked('svc'), [true, [7, 7]]);
      assert.deepEqual(await asked('bare'), [true, []]);
      assert.deepEqual(await asked('nobody'), [true, []]);
      const settings = 'jenkins.security.apitoken.ApiTokenPropertyConfiguration.get().usageStatisticsEnabled';
      await bench.groovyRun(`${settings} = false; return null`);
      assert.equal((await asked('svc'))[0], false);
      await bench.groovyRun(`${settings} = true; return null`);
      assert.equal(await look(`hudson.model.User.getAll()*.id`), '[bare, Svc]');
    });

    test('a token without a name is a token, and the name of one is cut: nobody fills an answer with it', async () => {
      await bench.groovyRun(`${LOOK}${recordOf('ana', {})}
        t.add(null, null).add('x' * 1000000, null)
        return null`);
      const names = ['', 'x'.repeat(200)];
      const [state] = await controller.people(['ana']);
      assert.deepEqual(
        state!.tokens.map(({ name }) => name),
        names,
      );
      const { known } = await controller.older(['ana']);
      assert.deepEqual(
        known[0]!.tokens.map(({ name }) => name),
        names,
      );
    });

    test('a record that cannot be read is told as such, and the others are read', async () => {
      await bench.groovyRun(`${LOOK}${recordOf('ana', { tokens: ['ci'] })}
        hudson.model.User.getById('odd', true).addProperty(new jenkins.security.ApiTokenProperty() {
          Collection getTokenList() { throw new IllegalStateException('broken') }
        })
        return null`);
      const { known } = await controller.older(['odd', 'ana']);
      assert.deepEqual(
        known.map(({ id, error, tokenCount }) => [id, error, tokenCount]),
        [
          ['odd', 'java.lang.IllegalStateException: broken', 0],
          ['ana', undefined, 1],
        ],
      );
    });

    test('a record that cannot be read keeps nobody else from being read, cut or listed', async () => {
      await bench.groovyRun(`${LOOK}${recordOf('ana', { tokens: ['ci'] })}
        def odd = hudson.model.User.getById('odd', true)
        odd.addProperty(new jenkins.security.ApiTokenProperty() {
          Collection getTokenList() { throw new IllegalStateException('broken') }
        })
        odd.save()
        return null`);
      const told = [
        ['odd', 'odd', 0, 'java.lang.IllegalStateException: broken'],
        ['ana', 'ana', 1, undefined],
      ];
      const shown = (states: readonly PersonState[]) =>
        states.map(({ id, record, tokens, error }) => [id, record, tokens.length, error]);
      assert.deepEqual(shown(await controller.people(['odd', 'ana'])), told);
      assert.deepEqual(shown(await controller.inventory()).sort(), told.toSorted());
      const { results } = await controller.cut(1, [
        { id: 'odd', steps: ['revoke-tokens'], entries: [] },
        { id: 'ana', steps: ['revoke-tokens'], entries: [] },
      ]);
      assert.deepEqual(
        results.map(({ id, error, after }) => [id, error, after.tokens.length]),
        [
          ['odd', 'cannot be read: java.lang.IllegalStateException: broken', 0],
          ['ana', undefined, 0],
        ],
      );
    });

    test('of many tokens the first are named and all counted; who was not reached is named', async () => {
      const many = Array.from({ length: 60 }, (_, at) => `t${at}`);
      for (const id of ['a', 'b', 'c']) await bench.groovyRun(`${LOOK}${recordOf(id, { tokens: many })}\nreturn null`);
      const { known } = await controller.older(['a', 'b', 'c']);
      assert.deepEqual(
        known.map(({ tokens, tokenCount }) => [tokens.length, tokenCount]),
        [
          [50, 60],
          [50, 60],
          [50, 60],
        ],
      );
      const asked = { ids: ['a', 'b', 'c'], budget: 10_000, shown: 50, named: 60 };
      const few = await raw(SCRIPTS.older, asked);
      assert.deepEqual([few.known.length, few.rest], [2, ['c']]);
      const ids = Array.from({ length: 20_000 }, (_, at) => `p${at}`);
      const hasty = await raw(SCRIPTS.older, { ...asked, ids, budget: 1 });
      assert.ok(hasty.rest.length > 0 && hasty.rest.length < ids.length, `${hasty.rest.length}`);
      assert.deepEqual(hasty.rest, ids.slice(ids.length - hasty.rest.length));
    });

    test('fences of one database do not stop another, and a start forgets them', async () => {
      const order = { id: 'nobody', steps: [], entries: null };
      const cut = (fence: number, lineage: string) =>
        raw(SCRIPTS.cut, { fence, lineage, budget: 500, triggerBudget: 9, shownTriggers: 1, orders: [order] });
      assert.equal((await cut(9, 'one')).outcome, 'done');
      assert.deepEqual(await cut(8, 'one'), { outcome: 'fenced', reason: 'the fence 8 is lower than 9' });
      assert.equal((await cut(9, 'one')).outcome, 'done');
      assert.equal((await cut(1, 'two')).outcome, 'done');
      await bench.groovyRun(`${FRESH}; return null`);
      assert.equal((await cut(8, 'one')).outcome, 'done');
    });

    test('databases that wrote since the start are told, each with its last write; reading is none', async () => {
      const order = { id: 'nobody', steps: [], entries: [] };
      const cut = (lineage: string) =>
        raw(SCRIPTS.cut, { fence: 1, lineage, budget: 500, triggerBudget: 9, shownTriggers: 1, orders: [order] });
      assert.deepEqual((await controller.probe()).otherWriters, []);
      await controller.cut(1, [order]);
      await controller.observe();
      assert.deepEqual((await controller.probe()).otherWriters, []);
      await cut('one');
      await cut('two');
      const { otherWriters, time } = await controller.probe();
      assert.equal(otherWriters.length, 2);
      assert.ok(otherWriters.every((at) => at <= time && at > time - 60_000));
      await bench.groovyRun(`${FRESH}; return null`);
      assert.deepEqual((await controller.probe()).otherWriters, []);
    });

    test('the inventory is paged whole, in order, each once', async () => {
      await bench.groovyRun(
        `2500.times { hudson.model.User.getById(String.format('u%05d', it), true).save() }; return null`,
      );
      const ids = (await controller.inventory()).map((one) => one.id);
      assert.equal(new Set(ids).size, 2500);
      assert.deepEqual(ids, ids.toSorted());
    });
  });
}
