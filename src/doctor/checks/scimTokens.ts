import { pushes } from '../../credentials/credentials.ts';
import { EXPIRY_WARNING, expiryOf } from '../../credentials/expiry.ts';
import { check, type Verdict } from '../check.ts';
import type { Probes, TokenProbe } from '../probes.ts';

type Code =
  | 'credential.absent'
  | 'credential.expired'
  | 'credential.expiring'
  | 'credential.expiring-now'
  | 'credential.rotation-unfinished';

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
      remedy:
        'jenkins-scim token rotate start ID, with the id that is named, and store the new one at the identity provider; both are valid until the rotation ends.',
    },
    'credential.expiring-now': {
      level: 'error',
      remedy:
        'jenkins-scim token rotate start ID, with the id that is named, and store the new one at the identity provider; both are valid until the rotation ends.',
    },
    'credential.rotation-unfinished': {
      level: 'warning',
      remedy: 'Store the new one at the identity provider, or give up: jenkins-scim token rotate cancel {subject}',
    },
  },
  (probes) => [
    ...probes.config.connections.flatMap((connection) => lasting(probes, connection)),
    ...probes.tokens.flatMap((token) => unfinished(token, probes.now)),
  ],
);

/** A connection is as good as its longest-lived credential that may write; a successor that is not in use yet does not count. */
function lasting({ tokens, now }: Probes, connection: Probes['config']['connections'][number]): Verdict<Code>[] {
  const { name: subject, jwt } = connection;
  if (jwt !== undefined && pushes(jwt.scopes)) return [];
  const own = tokens.filter(
    (token) => token.connection === subject && token.pushes && !token.revoked && !isUnused(token),
  );
  const last = own.toSorted((a, b) => endOf(b) - endOf(a))[0];
  if (last === undefined)
    return [
      { code: 'credential.absent', subject, finding: 'The connection has no token that may write; nothing can push.' },
    ];
  const expiry = expiryOf(endOf(last), now);
  if (expiry === 'fine') return [];
  const at = new Date(endOf(last)).toISOString();
  if (expiry === 'expired')
    return [{ code: 'credential.expired', subject, finding: `Its last token, ${last.id}, expired at ${at}.` }];
  const code = expiry === 'soon' ? 'credential.expiring' : 'credential.expiring-now';
  const { rotation } = last;
  const begun = rotation?.role === 'predecessor' ? `; ${rotation.other}, which replaces it, is not in use yet` : '';
  return [{ code, subject, finding: `Its last token, ${last.id}, expires at ${at}${begun}.` }];
}

/** A successor that nobody uses after two weeks was forgotten. */
function unfinished(token: TokenProbe, now: number): Verdict<Code>[] {
  const { id, createdAt, rotation, revoked } = token;
  if (revoked || !isUnused(token) || createdAt === undefined || now - createdAt < EXPIRY_WARNING) return [];
  const finding = `It was made to replace ${rotation?.other} and was never used.`;
  return [{ code: 'credential.rotation-unfinished', subject: id, finding }];
}

function isUnused({ rotation }: TokenProbe): boolean {
  return rotation?.role === 'successor' && rotation.endsAt === null;
}

function endOf({ expiresAt }: TokenProbe): number {
  return expiresAt ?? Number.POSITIVE_INFINITY;
}
