import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import type { RoleKey, RoleType } from '../../src/access/role.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { createController } from '../../src/jenkins/controller.ts';
import { createHttp } from '../../src/jenkins/http.ts';
import { type Belongings, controllerConformance, type Hands } from './conformance.ts';

// JENKINS_SCIM_REAL_URL, _USER and _TOKEN_FILE name a Jenkins that tests may change.
const url = process.env.JENKINS_SCIM_REAL_URL;
const user = process.env.JENKINS_SCIM_REAL_USER;
const tokenFile = process.env.JENKINS_SCIM_REAL_TOKEN_FILE;

if (url === undefined || user === undefined || tokenFile === undefined) {
  test('no real Jenkins is named by JENKINS_SCIM_REAL_URL, _USER and _TOKEN_FILE', { skip: true }, () => {});
} else {
  const token = readFileSync(tokenFile, 'utf8').trim();
  controllerConformance(`Jenkins at ${url}`, async () => ({
    controller: createController(
      { name: 'real', url, user },
      {
        http: createHttp({ timers: systemTimers }),
        secret: () => token,
        clock: systemClock,
        timers: systemTimers,
        random: systemRandom,
        log: SILENT,
        timeout: 60_000,
        lineage: systemRandom.id(),
      },
    ),
    account: user,
    hands: handsOn(url, user, token),
    close: async () => {},
  }));
}

const TYPES: Readonly<Record<RoleType, string>> = { global: 'globalRoles', item: 'projectRoles', agent: 'slaveRoles' };

/** Hands over REST as far as Jenkins has it, over its script console for records. */
function handsOn(base: string, account: string, secret: string): Hands {
  async function post(path: string, form: Record<string, string>): Promise<string> {
    const authorization = `Basic ${Buffer.from(`${account}:${secret}`).toString('base64')}`;
    const answer = await fetch(base + path, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    const text = await answer.text();
    if (answer.status !== 200 || /^\tat /m.test(text))
      throw new Error(`${path}: ${answer.status} ${text.slice(0, 500)}`);
    return text;
  }
  const roleForm = (role: RoleKey, id: string) => ({ type: TYPES[role.type], roleName: role.name, user: id });
  return {
    async assign(role, principal) {
      await post('role-strategy/strategy/assignUserRole', roleForm(role, principal.id));
    },
    async unassign(role, principal) {
      await post('role-strategy/strategy/unassignUserRole', roleForm(role, principal.id));
    },
    async person(id, belongings) {
      await post('scriptText', { script: recordOf(id, belongings) });
    },
    async forget(id) {
      await post('scriptText', { script: `User.getById(${literal(id)}, false)?.delete(); return null` });
    },
  };
}

function literal(text: string): string {
  return `new String('${Buffer.from(text, 'utf8').toString('base64')}'.decodeBase64(), 'UTF-8')`;
}

/** Groovy that makes a saved record with its belongings. */
function recordOf(id: string, { tokens = [], legacyToken, sshKeys = 0, password }: Belongings): string {
  const lines = [
    `def u = User.getById(${literal(id)}, true)`,
    'u.save()',
    'def t = u.getProperty(jenkins.security.ApiTokenProperty)',
  ];
  for (const name of tokens) lines.push(`t.tokenStore.generateNewToken(${literal(name)})`);
  if (legacyToken === true)
    lines.push(
      `t.@apiToken = hudson.util.Secret.fromString('legacy')`,
      't.tokenStore.regenerateTokenFromLegacy(t.@apiToken)',
    );
  const keys = Array.from({ length: sshKeys }, (_, at) => `ssh-ed25519 AAAA${at} k${at}`).join('\n');
  if (keys !== '')
    lines.push(
      `def K = Jenkins.get().pluginManager.uberClassLoader.loadClass('org.jenkinsci.main.modules.cli.auth.ssh.UserPropertyImpl')`,
      `u.addProperty(K.getConstructor(String).newInstance(${literal(keys)}))`,
    );
  if (password === true)
    lines.push(
      `u.addProperty(hudson.security.HudsonPrivateSecurityRealm.Details.fromPlainPassword('A-first-passw0rd'))`,
    );
  return [...lines, 'u.save()', 'return null'].join('\n');
}
