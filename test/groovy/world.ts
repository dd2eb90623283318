import { SILENT } from '../../src/access/ports/log.ts';
import type { Principal } from '../../src/access/principal.ts';
import type { RoleKey, RoleType } from '../../src/access/role.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { createController } from '../../src/jenkins/controller.ts';
import { createHttp } from '../../src/jenkins/http.ts';
import type { Belongings, Hands, Subject } from '../jenkins/conformance.ts';
import type { Bench } from './bench.ts';

const TYPES: Readonly<Record<RoleType, string>> = { global: 'Global', item: 'Project', agent: 'Slave' };

/** Imports and a fresh controller: role-strategy active, `admin` and `jenkins-scim` may administer. */
export const FRESH = `
import com.michelin.cio.hudson.plugins.rolestrategy.*
import com.synopsys.arc.jenkins.plugins.rolestrategy.RoleType
import java.util.regex.Pattern
hudson.model.User.forgetAll()
jenkins.security.seed.UserSeedProperty.DISABLE_USER_SEED = false
org.jenkinsci.main.modules.sshd.SSHD.get().stop()
org.jenkinsci.plugins.rolestrategy.Settings.TREAT_USER_AUTHORITIES_AS_ROLES = false
RoleMap.FORCE_CASE_SENSITIVE = false
def j = jenkins.model.Jenkins.fresh()
def s = new RoleBasedAuthorizationStrategy()
j.authorizationStrategy = s
j.securityRealm = new hudson.security.HudsonPrivateSecurityRealm()
j.pluginManager.plugins << new hudson.PluginWrapper('role-strategy', '898.vc050ed2424ca_', true)
s.getRoleMap(RoleType.Global).addRole(new Role('admin', Pattern.compile('.*'), [jenkins.model.Jenkins.ADMINISTER] as Set, null, ''),
  ['admin', 'jenkins-scim'].collect { new PermissionEntry(AuthorizationType.USER, it) } as Set)
`;

/** Imports and names for a look at the controller as it is. */
export const LOOK = `
import com.michelin.cio.hudson.plugins.rolestrategy.*
import com.synopsys.arc.jenkins.plugins.rolestrategy.RoleType
import java.util.regex.Pattern
def j = jenkins.model.Jenkins.get()
def s = j.authorizationStrategy
`;

/** A Groovy expression that gives exactly this text. */
export function literal(text: string): string {
  return `new String('${Buffer.from(text, 'utf8').toString('base64')}'.decodeBase64(), 'UTF-8')`;
}

function entry(principal: Principal): string {
  return `new PermissionEntry(AuthorizationType.${principal.type.toUpperCase()}, ${literal(principal.id)})`;
}

/** A controller over the bench; one lineage per call, so that fences of one test do not stop another. */
export function openBenchSubject(bench: Bench): Subject {
  const map = (role: RoleKey) =>
    `def m = s.getRoleMap(RoleType.${TYPES[role.type]}); def r = m.getRole(${literal(role.name)})`;
  const hands: Hands = {
    async assign(role, principal) {
      await bench.groovyRun(`${LOOK}${map(role)}; m.assignRole(r, ${entry(principal)}); j.save(); return null`);
    },
    async unassign(role, principal) {
      await bench.groovyRun(`${LOOK}${map(role)}; m.unAssignRole(r, ${entry(principal)}); j.save(); return null`);
    },
    async person(id, belongings) {
      await bench.groovyRun(`${LOOK}${recordOf(id, belongings)}; return null`);
    },
    async forget(id) {
      await bench.groovyRun(`hudson.model.User.getById(${literal(id)}, false)?.delete(); return null`);
    },
  };
  const controller = createController(
    { name: 'ci', url: bench.url, user: 'jenkins-scim' },
    {
      http: createHttp({ timers: systemTimers }),
      secret: () => 'token',
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      log: SILENT,
      timeout: 60_000,
      lineage: systemRandom.id(),
    },
  );
  return { controller, account: 'jenkins-scim', hands, close: () => controller.close() };
}

/** Groovy that makes a saved record; the variable `u` is the record. */
export function recordOf(id: string, belongings: Belongings): string {
  const tokens = (belongings.tokens ?? []).map((name) => `t.add(${literal(name)}, new Date(1795475853812L))`);
  if (belongings.legacyToken === true) tokens.push(`t.legacy('secret')`);
  const keys = Array.from({ length: belongings.sshKeys ?? 0 }, (_, at) => `ssh-ed25519 AAAA${at} k${at}`).join('\n');
  return [
    `def u = hudson.model.User.getById(${literal(id)}, true)`,
    'u.addProperty(new jenkins.security.seed.UserSeedProperty())',
    'u.addProperty(new jenkins.security.LastGrantedAuthoritiesProperty())',
    'def t = new jenkins.security.ApiTokenProperty()',
    ...tokens,
    'u.addProperty(t)',
    ...(keys === ''
      ? []
      : [`u.addProperty(new org.jenkinsci.main.modules.cli.auth.ssh.UserPropertyImpl(${literal(keys)}))`]),
    ...(belongings.password === true
      ? [`u.addProperty(hudson.security.HudsonPrivateSecurityRealm.Details.fromPlainPassword('first'))`]
      : []),
  ].join('\n');
}
