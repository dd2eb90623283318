import { check, type Verdict } from '../check.ts';

const SOON = 14 * 86_400_000;

type Code = 'credential.absent' | 'credential.expired' | 'credential.expiring';

/** Can each identity provider still sign in, and for how long? */
export const scimTokens = check<Code>(
  {
    'credential.absent': { level: 'warning', remedy: 'jenkins-scim token create --connection {subject}' },
    'credential.expired': {
      level: 'error',
      remedy: 'jenkins-scim token create --connection {subject}, then store it at the identity provider.',
    },
    'credential.expiring': {
      level: 'warning',
      remedy: 'jenkins-scim token create --connection {subject}; both are valid until you revoke the old one.',
    },
  },
  ({ config, tokens, now }) =>
    config.connections.flatMap(({ name }): Verdict<Code>[] => {
      const own = tokens.filter((token) => token.connection === name && !token.revoked);
      if (own.length === 0)
        return [
          { code: 'credential.absent', subject: name, finding: 'The connection has no token; nothing can push.' },
        ];
      const last = Math.max(...own.map((token) => token.expiresAt ?? Number.POSITIVE_INFINITY));
      if (last <= now)
        return [
          {
            code: 'credential.expired',
            subject: name,
            finding: `Its last token expired at ${new Date(last).toISOString()}.`,
          },
        ];
      if (last - now < SOON)
        return [
          {
            code: 'credential.expiring',
            subject: name,
            finding: `Its last token expires at ${new Date(last).toISOString()}.`,
          },
        ];
      return [];
    }),
);
