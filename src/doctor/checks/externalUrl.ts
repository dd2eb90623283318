import { isLoopback } from '../../config/loopback.ts';
import { check, type Verdict } from '../check.ts';
import type { Probes } from '../probes.ts';

type Code =
  | 'url.external-absent'
  | 'url.external-path'
  | 'url.external-insecure'
  | 'url.external-unreachable'
  | 'url.external-elsewhere';

/** Can an identity provider find the SCIM endpoint where we say it is? */
export const externalUrl = check<Code>(
  {
    'url.external-absent': {
      level: 'warning',
      remedy: 'Set server.externalUrl to what the identity provider calls, without /scim/v2.',
    },
    'url.external-path': {
      level: 'error',
      remedy:
        'Write server.externalUrl without /scim/v2: the service adds it, the connector gets <externalUrl>scim/v2.',
    },
    'url.external-insecure': { level: 'error', remedy: 'Identity providers need https with a public certificate.' },
    'url.external-unreachable': {
      level: 'warning',
      remedy: 'Is `jenkins-scim serve` running, and does the name lead to it? Seen from this host only.',
    },
    'url.external-elsewhere': {
      level: 'error',
      remedy: 'Let the proxy pass the path /scim/v2 unchanged, with the Authorization header, to server.listen.',
    },
  },
  (probes) => [...written(probes), ...answered(probes)],
);

function written({ config }: Probes): Verdict<Code>[] {
  const url = config.server.externalUrl;
  if (url === undefined)
    return isLoopback(config.server.listen.host) && config.server.behindProxy === undefined
      ? []
      : [
          {
            code: 'url.external-absent',
            subject: 'server.externalUrl',
            finding: 'Location headers have no public URL to start from.',
          },
        ];
  const { protocol, hostname, pathname } = new URL(url);
  const found: Verdict<Code>[] = [];
  if (/\/scim(\/|$)/i.test(pathname))
    found.push({
      code: 'url.external-path',
      subject: 'server.externalUrl',
      finding: `${url} already holds the SCIM path.`,
    });
  if (protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, '')))
    found.push({ code: 'url.external-insecure', subject: 'server.externalUrl', finding: `${url} is not encrypted.` });
  return found;
}

function answered({ config, external }: Probes): Verdict<Code>[] {
  const subject = config.server.externalUrl ?? 'server.externalUrl';
  if (external === undefined) return [];
  if ('failure' in external) return [{ code: 'url.external-unreachable', subject, finding: external.failure }];
  const { status, headers } = external.answer;
  const ours = status === 401 && /application\/scim\+json/.test(headers['content-type'] ?? '');
  const type = headers['content-type'] ?? 'no content type';
  return ours
    ? []
    : [
        {
          code: 'url.external-elsewhere',
          subject,
          finding: `An anonymous request got ${status} (${type}) instead of our 401.`,
        },
      ];
}
