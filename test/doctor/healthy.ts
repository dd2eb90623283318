import type { Capabilities } from '../../src/access/ports/controller.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import type { ControllerProbe, Probes } from '../../src/doctor/probes.ts';

export const NOW = Date.parse('2026-11-24T08:00:00.000Z');

/** A configuration in which nothing is to be found. */
export function configured(extra = ''): Config {
  const text = `
server: { externalUrl: https://scim.example.com/ }
connections: { okta: { profile: okta } }
controllers:
  ci:
    url: https://ci.example.com/
    user: jenkins-scim
    apiToken: { env: T }
    mode: enforce
    breakGlass: admin
    protect: { users: [admin, "jenkins-*"] }
${extra}`;
  const result = parseConfig(text, { file: 'jenkins-scim.yaml', folder: '/etc/scim', environment: {} });
  if (result.config === undefined) throw result.problems[0];
  return result.config;
}

export const CAPABILITIES: Capabilities = {
  core: '2.568.2',
  session: 's',
  realm: 'hudson.security.HudsonPrivateSecurityRealm',
  strategy: 'com.michelin.cio.hudson.plugins.rolestrategy.RoleBasedAuthorizationStrategy',
  plugins: { 'role-strategy': '898' },
  userIds: 'case-insensitive',
  groupIds: 'case-sensitive',
  permissions: [],
  escapeHatch: null,
  userSeeds: true,
  legacyTokens: { creationOnUserCreation: false, creationByHand: false },
  signUp: false,
  builtInExecutors: 0,
  jcasc: 'absent',
  roleSwitches: { caseSensitive: false, authoritiesAsRoles: false },
  otherWriters: [],
  time: NOW,
};

export const CONTROLLER: ControllerProbe = {
  config: configured().controllers[0]!,
  whoAmI: { name: 'jenkins-scim', anonymous: false, authorities: ['authenticated'] },
  capabilities: CAPABILITIES,
  observed: {
    roles: [
      {
        type: 'global',
        name: 'root',
        pattern: '.*',
        permissions: ['hudson.model.Hudson.Administer'],
        entries: [
          { type: 'user', id: 'Admin' },
          { type: 'user', id: 'jenkins-scim' },
        ],
        digest: 'd',
      },
    ],
    session: 's',
    fingerprint: 'f',
    time: NOW,
  },
  readAt: NOW,
};

/** A set-up in which nothing is to be found. */
export const HEALTHY: Probes = {
  now: NOW,
  config: configured(),
  files: [{ path: '/etc/scim/token', purpose: 'secret', mode: 0o640 }],
  disk: { path: '/d', writable: true, room: { available: 90, total: 100, reserve: 10 }, damage: [] },
  tokens: [{ id: 't', connection: 'okta', expiresAt: NOW + 90 * 86_400_000, pushes: true, revoked: false }],
  connections: [{ name: 'okta', lastHeard: NOW - 60_000 }],
  controllers: [CONTROLLER],
  leavers: [],
  held: [],
  paused: [],
  policy: [],
  external: { answer: { status: 401, headers: { 'content-type': 'application/scim+json' }, body: '' } },
};
