import type { JWTPayload } from 'jose';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { decodeJwt } from 'jose/jwt/decode';
import type { PublicKey } from './publicKeys.ts';

/** Seconds by which the clocks of two machines may differ. */
export const CLOCK_SKEW = 60;
/** Longest JWT that is looked at. */
const LONGEST = 8192;
const KEYS_TRIED = 10;
/** What `verified` says where none of the keys signed it. */
export const WRONG_SIGNATURE = 'its signature is wrong';
/** The one curve of an algorithm (RFC 7518 §3.4, RFC 8037 §3.1, RFC 9864 §2.2): a key on another one is no candidate. */
const CURVE_OF: Readonly<Record<string, string>> = {
  ...{ ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', EdDSA: 'Ed25519', Ed25519: 'Ed25519' },
};
const SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt', 'application/jwt', 'client-authentication+jwt']);

/** What a JWT says of itself; nothing of it is believed before its signature is. */
export interface Claimed {
  readonly algorithm: string;
  readonly kid: string | undefined;
  readonly payload: JWTPayload;
}

/**
 * Takes a JWS in compact form apart (RFC 7515 §7.1); undefined where it is none, is too long, names an algorithm that is not in
 * the list, a critical extension, or is a JWT of another purpose (RFC 8725 §3.11). `jku`, `x5u`, `x5c` and `jwk` of the header
 * are never looked at: keys come from configuration.
 */
export function claimed(text: string, algorithms: readonly string[]): Claimed | undefined {
  if (text.length > LONGEST || !SHAPE.test(text)) return undefined;
  try {
    const { alg, kid, typ, crit } = decodeProtectedHeader(text);
    const wrong = crit !== undefined || (typ !== undefined && !TYPES.has(String(typ).toLowerCase()));
    if (wrong || typeof alg !== 'string' || !algorithms.includes(alg)) return undefined;
    return { algorithm: alg, kid: typeof kid === 'string' ? kid : undefined, payload: decodeJwt(text) };
  } catch {
    return undefined;
  }
}

/** Keys that may have signed it: of its `kid`, else those that name none. */
export function candidates(
  keys: readonly PublicKey[],
  { algorithm, kid }: Pick<Claimed, 'algorithm' | 'kid'>,
): PublicKey[] {
  const fit = keys.filter(
    ({ kty, crv, use, alg }) =>
      (kty === 'RSA' ? /^[RP]S/.test(algorithm) : crv === CURVE_OF[algorithm]) &&
      (use === undefined || use === 'sig') &&
      (alg === undefined || alg === algorithm),
  );
  if (kid === undefined) return fit.slice(0, KEYS_TRIED);
  const named = fit.filter((key) => key.kid === kid);
  return (named.length > 0 ? named : fit.filter((key) => key.kid === undefined)).slice(0, KEYS_TRIED);
}

interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The claims of a JWT that one of the keys signed, that is for us and that is valid now, give or take `CLOCK_SKEW`. An expiry is
 * required. Where anything of it is wrong, what: for our log, never for the caller.
 */
export async function verified(
  text: string,
  keys: readonly PublicKey[],
  { issuer, audience, algorithms, now }: Expected,
): Promise<JWTPayload | string> {
  // A service without clients and issuers does without what checks signatures.
  const [{ jwtVerify }, errors] = await Promise.all([import('jose/jwt/verify'), import('jose/errors')]);
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(text, key, {
        ...{ issuer, audience, algorithms: [...algorithms], clockTolerance: CLOCK_SKEW },
        currentDate: new Date(now),
        requiredClaims: ['iss', 'aud', 'exp'],
      });
      return payload;
    } catch (error) {
      const another = error instanceof errors.JWSSignatureVerificationFailed || error instanceof TypeError;
      if (!another) return problem(error, Math.floor(now / 1000));
    }
  }
  return keys.length === 0 ? 'there is no key of its kid and algorithm' : WRONG_SIGNATURE;
}

/** What is wrong with a JWT whose signature is right; `now` in seconds. Names of claims are ours: none of its values is text. */
function problem(error: unknown, now: number): string {
  const { claim, reason, payload } = error as { claim?: string; reason?: string; payload?: JWTPayload };
  if (claim === undefined || payload === undefined) return 'it cannot be checked';
  if (reason === 'missing') return `its claim ${claim} is missing`;
  if (reason !== 'check_failed' || (claim !== 'exp' && claim !== 'nbf')) return `its claim ${claim} is wrong`;
  const what = claim === 'exp' ? 'it has expired' : 'it is not valid yet';
  return `${what}: its ${claim} is ${payload[claim]}, our clock says ${now}`;
}
