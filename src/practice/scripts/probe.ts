import type { IdStrategy } from '../../access/principal.ts';
import type { ProbeReply } from '../../jenkins/scripts/probe.ts';
import { CATALOGUE } from '../state/catalogue.ts';
import type { Home } from '../state/home.ts';

/** The recorded controller's versions (topic 03, exchange 32), with the sshd plugin that leavers need. */
const PLUGINS: Readonly<Record<string, string>> = {
  'cloudbees-folder': '6.1100.ve9eed61d16c4',
  mailer: '534.v1b_36f5864073',
  'matrix-auth': '3.2.8',
  'role-strategy': '898.vc050ed2424ca_',
  sshd: '3.384.vfb_6e614a_8b_99',
};

/** As Jenkins calls its classes (jenkins.model.IdStrategy). */
const SPELT: Readonly<Record<IdStrategy, string>> = {
  'case-insensitive': 'CaseInsensitive',
  'case-sensitive': 'CaseSensitive',
  email: 'CaseSensitiveEmailAddress',
};

const LOCAL = 'hudson.security.HudsonPrivateSecurityRealm';
const OPENID = 'org.jenkinsci.plugins.oic.OicSecurityRealm';

export const CORE = '2.568.2';

export function probed(home: Home): ProbeReply {
  return {
    core: CORE,
    realm: home.escapeHatch === null ? LOCAL : OPENID,
    escapeHatch: home.escapeHatch,
    strategy: home.strategyClass,
    plugins: { ...PLUGINS, ...(home.jcasc === 'absent' ? {} : { 'configuration-as-code': '2117.vc05a_0b_e6b_f4e' }) },
    userIds: SPELT[home.userIds],
    groupIds: 'CaseInsensitive',
    permissions: CATALOGUE.map(({ id, title, enabled, impliedBy }) => ({
      id,
      title,
      enabled,
      impliedBy: impliedBy ?? null,
    })),
    userSeeds: home.userSeeds,
    legacyTokens: { creationOnUserCreation: false, creationByHand: false },
    signUp: false,
    builtInExecutors: 0,
    jcasc: home.jcasc === 'absent' ? null : { roles: home.jcasc === 'roles' },
    roleSwitches: { caseSensitive: false, authoritiesAsRoles: false },
    writers: [...home.writers].map(([lineage, at]) => ({ lineage, at })),
  };
}
