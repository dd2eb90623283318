import type { JWTPayload } from 'jose';
import { CLOCK_SKEW } from '../signedText.ts';

/**
 * The time before which a JWT was not issued, in seconds: its `iat`, or, where it has none, its end less the longest life that its issuer
 * gives (milliseconds). Undefined where neither is known. Pure.
 */
export function issuedAfter({ iat, exp }: JWTPayload, lifetime: number | undefined): number | undefined {
  if (iat !== undefined) return iat;
  return exp === undefined || lifetime === undefined ? undefined : exp - lifetime / 1000;
}

/** Whether a JWT without `iat` lives longer than its issuer's are said to: then nothing follows from when it ends. `now` in milliseconds. */
export function outlives({ iat, exp }: JWTPayload, lifetime: number | undefined, now: number): boolean {
  if (iat !== undefined || exp === undefined || lifetime === undefined) return false;
  return exp > (now + lifetime) / 1000 + CLOCK_SKEW;
}
