import type { JWTPayload } from 'jose';
import { isMicrosoft, isOkta, type JwtConfig } from '../../config/jwt.ts';

/** Claims that name one person or one client: who pins such a one as the caller means just them. */
const SUBJECTS = new Set(['sub', 'uid', 'oid']);

/**
 * Why a JWT that stands for nobody by its claims is not one of the provider itself; undefined where it is. A person who signed in has a token
 * of the same issuer, audience and caller, and may be able to ask for one without the claim that names them (fewer scopes, a guest).
 */
export function delegated({ issuer, caller, person }: JwtConfig, claims: JWTPayload): string | undefined {
  const has = (name: string): boolean => Object.hasOwn(claims, name);
  const isOneSubject = SUBJECTS.has(caller.claim);
  // Entra ID: `scp` only where a person signed in, `idtyp` is `app` otherwise; Okta: `uid` only where a person is bound to the token.
  if (!isOneSubject && isMicrosoft(issuer) && (has('scp') || (has('idtyp') && claims.idtyp !== 'app')))
    return 'a person signed in for it';
  if (!isOneSubject && isOkta(issuer) && has('uid')) return 'a person signed in for it';
  if (person === undefined) return undefined;
  const { provider } = person;
  if (provider !== undefined && has(provider.claim) && claims[provider.claim] === provider.value) return undefined;
  return `it lacks ${person.claim}, and nothing says that it is the provider's own (\`person.provider\`)`;
}
