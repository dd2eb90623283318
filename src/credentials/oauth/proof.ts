import { refuse } from '../../errors.ts';
import { parseToken } from '../tokenText.ts';

/** How RFC 7523 §2.2 names a JWT as the proof of a client. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const LONGEST = 1024;

/** What a client proves itself with. */
type Proof = { readonly id: string; readonly secret: Uint8Array } | { readonly assertion: string };

/**
 * Finds the proof in a request; undefined where there is none that can be right. A secret in the body is not taken
 * (RFC 6749 §2.3.1 advises against it). @throws ScimError AUTH_REQUEST where there are two (RFC 6749 §2.3)
 */
export function proofOf(authorization: string | undefined, form: ReadonlyMap<string, string>): Proof | undefined {
  const assertion = form.get('client_assertion');
  const basic = authorization !== undefined;
  if (form.has('client_secret'))
    throw refuse('AUTH_REQUEST', { reason: 'Send the secret by HTTP Basic, not in the body' });
  if (basic && assertion !== undefined) throw refuse('AUTH_REQUEST', { reason: 'Two ways to authenticate were mixed' });
  if (basic) return secretOf(authorization);
  return assertion === undefined || form.get('client_assertion_type') !== ASSERTION_TYPE ? undefined : { assertion };
}

/** Id and secret, each form-encoded before Base64 (RFC 6749 §2.3.1); the secret holds the id, and both have to agree. */
function secretOf(authorization: string): Proof | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization.slice(0, LONGEST))?.[1];
  if (encoded === undefined) return undefined;
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  const token = parseToken(decoded(secret ?? ''));
  return token === undefined || token.id !== decoded(id ?? '').toLowerCase() ? undefined : token;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return '';
  }
}
