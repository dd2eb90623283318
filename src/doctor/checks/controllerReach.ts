import { isLoopback } from '../../config/loopback.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import type { ScimError } from '../../errors.ts';
import { check, type Verdict } from '../check.ts';

type Code =
  | 'controller.unreachable'
  | 'controller.tls'
  | 'controller.tls-expired'
  | 'controller.tls-name'
  | 'controller.tls-plain'
  | 'controller.timeout'
  | 'controller.broken'
  | 'controller.restarting'
  | 'controller.wrong-host'
  | 'controller.realm'
  | 'controller.insecure';

const BY_ERROR: Readonly<Record<string, Code>> = {
  JEN_UNREACHABLE: 'controller.unreachable',
  JEN_TLS: 'controller.tls',
  JEN_TIMEOUT: 'controller.timeout',
  JEN_BROKEN: 'controller.broken',
  JEN_RESTARTING: 'controller.restarting',
  JEN_ANSWER: 'controller.wrong-host',
  JEN_REALM: 'controller.realm',
};

/** Is there a Jenkins where the configuration says, and is the way to it safe? */
export const controllerReach = check<Code>(
  {
    'controller.unreachable': {
      level: 'error',
      remedy: 'Look at url, proxy, DNS and firewall from the host of the service.',
    },
    'controller.tls': {
      level: 'error',
      remedy: 'Name the CA under controllers.{subject}.tls.ca; verification cannot be turned off.',
    },
    'controller.tls-expired': {
      level: 'error',
      remedy:
        'Renew the certificate of the controller (or of the proxy in front), and compare the clocks of both hosts.',
    },
    'controller.tls-name': {
      level: 'error',
      remedy:
        'Write the name of the certificate into controllers.{subject}.url, or have this name added to the certificate.',
    },
    'controller.tls-plain': {
      level: 'error',
      remedy: 'Compare scheme and port of controllers.{subject}.url with the controller.',
    },
    'controller.timeout': {
      level: 'error',
      remedy: 'Look at the load of the controller; raise sync.timeout if it is simply slow.',
    },
    'controller.broken': {
      level: 'error',
      remedy:
        'Look at the log of Jenkins, put back what it cannot read (often config.xml in its home), and restart it.',
    },
    'controller.restarting': { level: 'warning', remedy: 'Nothing to do: it is tried again.' },
    'controller.wrong-host': {
      level: 'error',
      remedy:
        'A proxy, a login page or another service answers there: compare url with Manage Jenkins > System > Jenkins URL, and let the proxy pass this host to scriptText.',
    },
    'controller.realm': {
      level: 'error',
      remedy:
        'Look whether the directory or identity provider of the realm of {subject} answers, and knows the account; the log of Jenkins tells which.',
    },
    'controller.insecure': {
      level: 'warning',
      remedy: 'Use https: the API token of an administrator crosses this wire.',
    },
  },
  ({ controllers }) =>
    controllers.flatMap(({ config, error }): Verdict<Code>[] => {
      const code = error === undefined ? undefined : codeOf(error);
      const found: Verdict<Code>[] =
        code === undefined || error === undefined
          ? []
          : [{ code, subject: config.name, finding: `${error.message}${hint(config, code)}` }];
      const url = new URL(config.url);
      if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
        found.push({ code: 'controller.insecure', subject: config.name, finding: `${config.url} is not encrypted.` });
      return found;
    }),
);

/** The reasons as OpenSSL and Node word them; each has a remedy of its own. */
const TLS_REASONS: readonly (readonly [RegExp, Code])[] = [
  [/has expired|not yet valid/, 'controller.tls-expired'],
  [/does not match certificate/, 'controller.tls-name'],
  [/wrong version number|packet length too long/, 'controller.tls-plain'],
];

function codeOf({ code, message }: ScimError): Code | undefined {
  const known = code === 'JEN_TLS' ? TLS_REASONS.find(([reason]) => reason.test(message)) : undefined;
  return known?.[1] ?? BY_ERROR[code];
}

/** What the message alone does not tell. */
function hint({ proxy }: ControllerConfig, code: Code): string {
  const spoken = code === 'controller.tls-plain' ? '; the server there speaks plain http' : '';
  return proxy === undefined ? spoken : `${spoken}; asked through the proxy ${proxy}`;
}
