import { check, type Verdict } from '../check.ts';

type Code = 'controller.secret' | 'controller.credential' | 'controller.wrong-user' | 'controller.rights';

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
        'The token is wrong, revoked or expired: make a new API token for the account and store it where apiToken points. Or a proxy in front drops the Authorization header or wants a login of its own.',
    },
    'controller.wrong-user': {
      level: 'error',
      remedy: 'Compare user with the owner of the token; look for a proxy that sets its own identity.',
    },
    'controller.rights': {
      level: 'error',
      remedy: 'Give the account Overall/Administer by a USER entry of a global role.',
    },
  },
  ({ controllers }) =>
    controllers.flatMap(({ config, error }): Verdict<Code>[] => {
      const code = error === undefined ? undefined : BY_ERROR[error.code];
      return code === undefined || error === undefined ? [] : [{ code, subject: config.name, finding: error.message }];
    }),
);
