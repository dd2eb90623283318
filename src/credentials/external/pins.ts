import type { JWTPayload } from 'jose';
import type { JwtConfig } from '../../config/jwt.ts';

/** What a connection's configuration fixes of a token (security.md, forged JWT). */
export type Pin = 'issuer' | 'audience' | 'tenant' | 'caller';

/** The first pin that the claims do not meet; compared letter by letter, and only text is equal to text. */
export function wrongPin({ issuer, audience, tenant, caller }: JwtConfig, claims: JWTPayload): Pin | undefined {
  const own = (name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined);
  const aud = own('aud');
  if (own('iss') !== issuer) return 'issuer';
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience)) return 'audience';
  if (tenant !== undefined && own('tid') !== tenant) return 'tenant';
  return own(caller.claim) === caller.value ? undefined : 'caller';
}
