import type { Entry } from './entry.ts';

/** Entries of the catalogue for what a Jenkins controller answers, or does not, and for the service's own API tokens there. */
export const CONTROLLER_ERRORS = {
  JEN_UNREACHABLE: {
    message: '{controller} cannot be reached: {reason}',
    status: 502,
    remedy: 'Look at url, proxy, DNS and firewall; `jenkins-scim doctor` tells more.',
  },
  JEN_TLS: {
    message: '{controller}: TLS failed, nothing was sent: {reason}',
    status: 502,
    remedy:
      'Name the CA under controllers.{controller}.tls.ca. A certificate for other names needs one of them in url; "wrong version number": that port speaks http.',
  },
  JEN_BROKEN: {
    message: '{controller} is out of order: {reason}',
    status: 503,
    remedy:
      'Look at the log of Jenkins, put back what it cannot read (often config.xml in its home), and restart it; it is tried again.',
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
  JEN_REALM: {
    message: '{controller} does not let {user} in: {reason}',
    status: 502,
    remedy:
      'Look whether the directory or identity provider of its realm answers and knows the account; the log of Jenkins tells. It is tried again.',
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
  JEN_TIMEOUT: {
    message: '{controller} did not answer within {seconds} s',
    status: 504,
    remedy: 'The outcome is settled by reading before anything is sent again.',
  },
  CTL_UNKNOWN: { message: 'There is no controller called {controller}{hint}', status: 404, remedy: 'Known: {known}.' },
  CTL_TOKEN_LEFT: {
    message: '{controller}: an API token called {token} may be there, and nobody has its value: {reason}',
    status: 502,
    remedy: 'Revoke it on the page of the account in Jenkins, Security, API Token; then try again.',
  },
  CTL_TOKEN_UNTOLD: {
    message: '{controller}: nobody can tell which API token of {user} is in use: {reason}',
    status: 409,
    remedy: 'Revoke the old one on the page of the account in Jenkins, Security, API Token.',
  },
  CTL_TOKEN_NEWER: {
    message: '{controller}: an API token of {user} is newer than the one in use: {tokens}',
    status: 409,
    remedy:
      'Put it where apiToken points, start again what reads that from its environment, and try again; or revoke it all the same: `--force`.',
  },
  CTL_TOKEN_USED: {
    message:
      '{controller}: API tokens of {user} that the service does not have in use were used in the last five minutes: {tokens}',
    status: 409,
    remedy:
      'Start again what still has the old one, wait five minutes and try again; or take it from whoever has it: `--force`.',
  },
} as const satisfies Record<string, Entry>;
