import { z } from 'zod';
import { isLoopback } from './loopback.ts';
import { cidr, durationOf } from './scalars.ts';

/** Signature algorithms that are understood: asymmetric only, so that a public key is never a secret (RFC 8725 §3.1). */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const SCOPES = ['users:read', 'users:write', 'groups:read', 'groups:write'] as const;

const text = z.string().min(1).max(1024);
const claim = z.string().regex(/^[\w:./-]{1,256}$/, 'not the name of a claim');

const keysUrl = z
  .string()
  .max(2048)
  .refine(isSafe, 'write an https URL without user, password or fragment')
  .describe('Where the keys of the issuer are (a JWK set); known by itself for Entra ID and Okta.');

export const jwt = z
  .strictObject({
    issuer: z
      .string()
      .max(1024)
      .refine(isSafe, 'write the issuer as it stands in the token: an https URL')
      .describe('The claim iss, letter by letter.'),
    audience: text.describe('The claim aud, or one of its values.'),
    tenant: text
      .exactOptional()
      .describe('The claim tid; needed for Entra ID, where one issuer has many applications.'),
    caller: z
      .strictObject({ claim, value: text })
      .describe('The claim that names who asked for the token, e.g. appid or cid, and its only value.'),
    person: z
      .strictObject({
        claim,
        attribute: z.enum(['userName', 'externalId', 'emails']).default('userName'),
        provider: z
          .strictObject({ claim, value: text })
          .exactOptional()
          .describe(
            'A claim, and its value, that only the own tokens of the provider have; without it none of them opens anything.',
          ),
      })
      .exactOptional()
      .describe('A token with this claim stands for the person whose attribute has its value, and opens /Me only.'),
    jwks: keysUrl.exactOptional(),
    lifetime: durationOf('1s', '366d')
      .exactOptional()
      .describe(
        'How long a token without the claim iat lives at most: what tells, after a theft, that it was issued later.',
      ),
    algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256']),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .default([...SCOPES])
      .describe('What its tokens may do.'),
    networks: z
      .array(cidr)
      .default([])
      .describe('Addresses and CIDRs its tokens may be used from; default: everywhere.'),
  })
  .refine((value) => keysOf(value) !== undefined, {
    path: ['jwks'],
    error: 'the address of the keys of this issuer has to be given',
  })
  .refine((value) => value.tenant !== undefined || !isMicrosoft(value.issuer), {
    path: ['tenant'],
    error: 'tokens of Entra ID are told apart by their tenant: give it',
  })
  .describe('JWTs that somebody else issues for this connection, beside our own tokens.');

/** `lifetime` in milliseconds. */
export type JwtConfig = z.output<typeof jwt>;

/** Where the keys of an issuer are: as it is written, or as the issuer is known to have it. Never taken from an answer. */
export function keysOf({ issuer, jwks }: { readonly issuer: string; readonly jwks?: string }): string | undefined {
  if (jwks !== undefined) return jwks;
  if (!URL.canParse(issuer)) return undefined;
  const { pathname, origin } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  if (isMicrosoft(issuer)) {
    const [, tenant, version] = path.split('/');
    const way = version === 'v2.0' ? 'discovery/v2.0/keys' : 'discovery/keys';
    return tenant === undefined ? undefined : `https://login.microsoftonline.com/${tenant}/${way}`;
  }
  if (!isOkta(issuer)) return undefined;
  return path === '' ? `${origin}/oauth2/v1/keys` : `${origin}${path}/v1/keys`;
}

export function isMicrosoft(issuer: string): boolean {
  return URL.canParse(issuer) && /^(sts\.windows\.net|login\.microsoftonline\.com)$/.test(new URL(issuer).hostname);
}

export function isOkta(issuer: string): boolean {
  return URL.canParse(issuer) && /\.(okta|oktapreview|okta-emea)\.com$/.test(new URL(issuer).hostname);
}

/** https, or http that never leaves the machine. */
function isSafe(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password, hash } = new URL(value);
  if (username !== '' || password !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}
