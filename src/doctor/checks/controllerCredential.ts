import { check, type Verdict } from '../check.ts';
import { administersByItself } from '../ownEntry.ts';
import type { ControllerProbe } from '../probes.ts';

type Code =
  | 'controller.secret'
  | 'controller.credential'
  | 'controller.wrong-user'
  | 'controller.rights'
  | 'controller.rights-by-group';

const BY_ERROR: Readonly<Record<string, Code>> = {
  CFG_SECRET: 'controller.secret',
  CFG_FILE_MODE: 'controller.secret',
  JEN_CREDENTIAL: 'controller.credential',
  JEN_WRONG_USER: 'controller.wrong-user',
  JEN_FORBIDDEN: 'controller.rights',
};

/** Does the controller know us, as whom, and may we administer? */
export const controllerCredential = check<Code>(
  {
    'controller.secret': {
      level: 'error',
      remedy: 'Set the variable, or make the file readable for the service only (chmod 600).',
    },
    'controller.credential': {
      level: 'error',
      remedy:
        'The token is wrong, revoked or expired: make a new API token for the account on its page in Jenkins and store it where apiToken points (while it opens, `jenkins-scim controller rotate-token {subject}` does that). Or a proxy in front drops the Authorization header or wants a login of its own. Or somebody logged in with it by OpenID Connect: its tokens end with that session, and a new one helps nothing; take another account.',
    },
    'controller.wrong-user': {
      level: 'error',
      remedy: 'Compare user with the owner of the token; look for a proxy that sets its own identity.',
    },
    'controller.rights': {
      level: 'error',
      remedy: 'Give the account Overall/Administer by a USER entry of a global role.',
    },
    'controller.rights-by-group': {
      level: 'warning',
      remedy: 'Give the account Overall/Administer by a USER entry of a global role.',
    },
  },
  ({ controllers }) =>
    controllers.flatMap((probe): Verdict<Code>[] => {
      const { config, error } = probe;
      const code = error === undefined ? undefined : BY_ERROR[error.code];
      if (code !== undefined && error !== undefined) return [{ code, subject: config.name, finding: error.message }];
      return leansOnGroup(probe)
        ? [
            {
              code: 'controller.rights-by-group',
              subject: config.name,
              finding: `${config.user} administers by a group only; an entry that falls there takes it from us.`,
            },
          ]
        : [];
    }),
);

/** Some realms forget the groups of API tokens, and whoever takes a role from `authenticated` takes it from us, too. */
function leansOnGroup({ config, capabilities, observed }: ControllerProbe): boolean {
  if (capabilities === undefined || observed === undefined) return false;
  return !administersByItself(observed, config.user, capabilities.userIds);
}
