import { isLoopback } from '../../config/loopback.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { check, type Verdict } from '../check.ts';

type Code =
  | 'controller.unreachable'
  | 'controller.tls'
  | 'controller.timeout'
  | 'controller.restarting'
  | 'controller.wrong-host'
  | 'controller.insecure';

const BY_ERROR: Readonly<Record<string, Code>> = {
  JEN_UNREACHABLE: 'controller.unreachable',
  JEN_TLS: 'controller.tls',
  JEN_TIMEOUT: 'controller.timeout',
  JEN_RESTARTING: 'controller.restarting',
  JEN_ANSWER: 'controller.wrong-host',
};

/** The codes after which nothing is known of a controller: the doctor exits 1. */
export const UNREACHED: readonly string[] = [
  'controller.unreachable',
  'controller.tls',
  'controller.timeout',
  'controller.wrong-host',
];

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
    'controller.timeout': {
      level: 'error',
      remedy: 'Look at the load of the controller; raise sync.timeout if it is simply slow.',
    },
    'controller.restarting': { level: 'warning', remedy: 'Nothing to do: it is tried again.' },
    'controller.wrong-host': {
      level: 'error',
      remedy:
        'A proxy, a login page or another service answers there: compare url with Manage Jenkins > System > Jenkins URL.',
    },
    'controller.insecure': {
      level: 'warning',
      remedy: 'Use https: the API token of an administrator crosses this wire.',
    },
  },
  ({ controllers }) =>
    controllers.flatMap(({ config, error }): Verdict<Code>[] => {
      const code = error === undefined ? undefined : BY_ERROR[error.code];
      const found: Verdict<Code>[] =
        code === undefined || error === undefined
          ? []
          : [{ code, subject: config.name, finding: `${error.message}${hint(config, error.message)}` }];
      const url = new URL(config.url);
      if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
        found.push({ code: 'controller.insecure', subject: config.name, finding: `${config.url} is not encrypted.` });
      return found;
    }),
);

/** What the message alone does not tell. */
function hint({ url, proxy }: ControllerConfig, message: string): string {
  const plain = url.startsWith('https:') && message.includes('wrong version number');
  const spoken = plain ? '; the server there speaks plain http: compare scheme and port of url' : '';
  return proxy === undefined ? spoken : `${spoken}; asked through the proxy ${proxy}`;
}
