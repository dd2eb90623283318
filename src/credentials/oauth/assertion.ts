import { ALGORITHMS } from '../../config/jwt.ts';
import type { PublicKeys } from '../publicKeys.ts';
import { CLOCK_SKEW, type Claimed, candidates, claimed, verified } from '../signedText.ts';

/** Longest life of an assertion in seconds: as long is it remembered. */
const LONGEST_LIFE = 3600;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An assertion that names a client; not believed yet. */
interface Assertion extends Claimed {
  readonly client: string;
}

/** Takes an assertion apart: issuer and subject are the client (RFC 7523 §3). Undefined where it can be none. */
export function readAssertion(text: string): Assertion | undefined {
  const found = claimed(text, ALGORITHMS);
  const { iss, sub } = found?.payload ?? {};
  if (found === undefined || typeof iss !== 'string' || iss !== sub || !UUID.test(iss)) return undefined;
  return { ...found, client: iss };
}

/**
 * The id of an assertion, and until when it has to be remembered; or why it is none: signature, audience, time, or no `jti`.
 * `now` in milliseconds.
 */
export async function verifyAssertion(
  text: string,
  { client, ...token }: Assertion,
  { jwks, endpoint, now }: { readonly jwks: string; readonly endpoint: string; readonly now: number },
): Promise<{ readonly jti: string; readonly until: number } | string> {
  const keys = candidates((JSON.parse(jwks) as PublicKeys).keys, token);
  const payload = await verified(text, keys, { issuer: client, audience: endpoint, algorithms: ALGORITHMS, now });
  if (typeof payload === 'string') return `of the assertion: ${payload}; the audience is ${endpoint}`;
  if (payload.exp === undefined || payload.sub !== client) return 'the assertion is about another client';
  if (payload.exp > now / 1000 + LONGEST_LIFE + CLOCK_SKEW) return `the assertion lives longer than ${LONGEST_LIFE} s`;
  const { jti } = payload;
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return 'the assertion has no jti';
  return { jti, until: (payload.exp + CLOCK_SKEW) * 1000 };
}
