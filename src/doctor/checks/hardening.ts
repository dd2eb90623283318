import { isEverybody } from '../../access/principal.ts';
import { check, type Verdict } from '../check.ts';
import type { ControllerProbe } from '../probes.ts';

type Code =
  | 'controller.jcasc-roles'
  | 'controller.user-seeds'
  | 'controller.legacy-tokens'
  | 'controller.sign-up'
  | 'controller.built-in-executors'
  | 'controller.authorities-as-roles'
  | 'controller.case-sensitive-roles'
  | 'controller.everyone-writes';

const HARMLESS = /\.(Read|Discover|ViewStatus)$/;

/** Settings of the controller that undo what the service does, or let people in around it. */
export const hardening = check<Code>(
  {
    'controller.jcasc-roles': {
      level: 'error',
      remedy: 'Remove the roleBased block from JCasC: each reload would bring its own grants back.',
    },
    'controller.user-seeds': {
      level: 'warning',
      remedy:
        'Remove -Djenkins.security.seed.UserSeedProperty.disableUserSeed: sessions of leavers cannot be ended without seeds.',
    },
    'controller.legacy-tokens': {
      level: 'warning',
      remedy: 'Turn off legacy API tokens under Manage Jenkins > Security > API Token.',
    },
    'controller.sign-up': { level: 'warning', remedy: 'Turn off "Allow users to sign up" in the security realm.' },
    'controller.built-in-executors': {
      level: 'warning',
      remedy: 'Set the executors of the built-in node to 0: builds there can read every credential.',
    },
    'controller.authorities-as-roles': {
      level: 'error',
      remedy:
        'Remove -Dorg.jenkinsci.plugins.rolestrategy.Settings.TREAT_USER_AUTHORITIES_AS_ROLES from the JVM of Jenkins: such roles are neither granted nor taken by a rule.',
    },
    'controller.case-sensitive-roles': {
      level: 'warning',
      remedy:
        'Remove -Dcom.michelin.cio.hudson.plugins.rolestrategy.RoleMap.FORCE_CASE_SENSITIVE from the JVM of Jenkins, or have everybody log in as the identity provider spells them.',
    },
    'controller.everyone-writes': {
      level: 'warning',
      remedy: 'Take the role from it, and grant it to those who need it by a rule.',
    },
  },
  ({ controllers }) => controllers.flatMap(judge),
);

function judge({ config, capabilities, observed }: ControllerProbe): Verdict<Code>[] {
  const subject = config.name;
  const found: Verdict<Code>[] = [];
  if (capabilities?.jcasc === 'roles')
    found.push({ code: 'controller.jcasc-roles', subject, finding: 'Configuration as Code defines roles too.' });
  if (capabilities?.userSeeds === false)
    found.push({ code: 'controller.user-seeds', subject, finding: 'User seeds are disabled.' });
  const legacy = capabilities?.legacyTokens;
  if (legacy?.creationOnUserCreation === true || legacy?.creationByHand === true)
    found.push({ code: 'controller.legacy-tokens', subject, finding: 'Legacy API tokens can be made.' });
  if (capabilities?.signUp === true)
    found.push({ code: 'controller.sign-up', subject, finding: 'Anybody can make an account.' });
  if ((capabilities?.builtInExecutors ?? 0) > 0)
    found.push({
      code: 'controller.built-in-executors',
      subject,
      finding: `The built-in node has ${capabilities?.builtInExecutors} executor(s).`,
    });
  if (capabilities?.roleSwitches?.authoritiesAsRoles === true)
    found.push({
      code: 'controller.authorities-as-roles',
      subject,
      finding: 'Whoever is in a group of the realm that is called like a role has that role, without an entry.',
    });
  if (capabilities?.roleSwitches?.caseSensitive === true && capabilities.userIds !== 'case-sensitive')
    found.push({
      code: 'controller.case-sensitive-roles',
      subject,
      finding: 'Its realm takes Ana for ana, and role-strategy does not: an entry in another spelling gives nothing.',
    });
  for (const role of observed?.roles ?? []) {
    const everyone = role.entries.find(isEverybody);
    const writes = role.permissions.find((permission) => !HARMLESS.test(permission));
    if (everyone !== undefined && writes !== undefined)
      found.push({
        code: 'controller.everyone-writes',
        subject,
        finding: `${everyone.id} holds the ${role.type} role "${role.name}" with ${writes}.`,
      });
  }
  return found;
}
