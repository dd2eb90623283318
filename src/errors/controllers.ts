import type { Entry } from './entry.ts';

/** Entries of the catalogue for what a Jenkins controller answers, or does not. */
export const CONTROLLER_ERRORS = {
  JEN_UNREACHABLE: {
    message: '{controller} cannot be reached: {reason}',
    status: 502,
    remedy: 'Look at url, proxy, DNS and firewall; `jenkins-scim doctor` tells more.',
  },
  JEN_TLS: {
    message: '{controller}: TLS failed, nothing was sent: {reason}',
    status: 502,
    remedy: 'Name the CA under controllers.{controller}.tls.ca; `jenkins-scim doctor` tells more.',
  },
  JEN_RESTARTING: {
    message: '{controller} is starting or restarting',
    status: 503,
    remedy: 'Nothing to do: it is tried again.',
  },
  JEN_CREDENTIAL: {
    message: '{controller} refuses the credential of {user}',
    status: 502,
    remedy: 'Make a new API token for that user and store it where the reference points.',
  },
  JEN_WRONG_USER: {
    message: '{controller} takes us for {found} instead of {user}',
    status: 502,
    remedy: 'Something in front of Jenkins changes the identity, or the account is wrong.',
  },
  JEN_FORBIDDEN: {
    message: '{controller}: {user} lacks {permission}',
    status: 502,
    remedy: 'Give the account Overall/Administer by a USER entry.',
  },
  JEN_STRATEGY: {
    message: '{controller}: {reason}',
    status: 502,
    remedy:
      'Install role-strategy 657 or newer, enable it where it is disabled (remove plugins/role-strategy.jpi.disabled in the home of Jenkins and restart), and make it the authorization strategy.',
  },
  JEN_SCRIPT: {
    message: '{controller}: the script {script} failed: {reason}',
    status: 502,
    remedy: 'Report it with the request id; nothing was saved.',
  },
  JEN_ANSWER: {
    message: '{controller} answered something we do not understand: {reason}',
    status: 502,
    remedy: 'Look whether a proxy or login page answers in its place.',
  },
  JEN_CONFLICT: {
    message: '{controller}: {reason}',
    status: 409,
    remedy: 'Nothing to do: the state is read again and the plan is made anew.',
  },
  JEN_TIMEOUT: {
    message: '{controller} did not answer within {seconds} s',
    status: 504,
    remedy: 'The outcome is settled by reading before anything is sent again.',
  },
} as const satisfies Record<string, Entry>;
