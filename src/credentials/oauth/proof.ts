import { refuse } from '../../errors.ts';
import { parseToken } from '../tokenText.ts';

/** How RFC 7523 §2.2 names a JWT as the proof of a client. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a client proves itself with. */
type Proof = { readonly id: string; readonly secret: Uint8Array } | { readonly assertion: string };

/**
 * Finds the proof in a request; undefined where there is none that can be right. A secret in the body is taken for those who
 * cannot send it by HTTP Basic (RFC 6749 §2.3.1). @throws ScimError AUTH_REQUEST where there are two (RFC 6749 §2.3)
 */
export function proofOf(authorization: string | undefined, form: ReadonlyMap<string, string>): Proof | undefined {
  const assertion = form.get('client_assertion');
  const secret = form.get('client_secret');
  if ([authorization, assertion, secret].filter((way) => way !== undefined).length > 1)
    throw refuse('AUTH_REQUEST', { reason: 'Two ways to authenticate were mixed' });
  if (authorization !== undefined) return basicOf(authorization);
  if (secret !== undefined) return agreeing(form.get('client_id') ?? '', secret);
  return assertion === undefined || form.get('client_assertion_type') !== ASSERTION_TYPE ? undefined : { assertion };
}

/** Id and secret, each form-encoded before Base64 (RFC 6749 §2.3.1). */
function basicOf(authorization: string): Proof | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return agreeing(decoded(id ?? ''), decoded(secret ?? ''));
}

/** The secret holds the id, and both have to agree. */
function agreeing(id: string, secret: string): Proof | undefined {
  const token = parseToken(secret);
  return token === undefined || token.id !== id.toLowerCase() ? undefined : token;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return '';
  }
}
