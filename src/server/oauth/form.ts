import { refuse } from '../../errors.ts';

/** Path of the token endpoint (RFC 6749 §3.2). */
export const TOKEN_ENDPOINT = '/oauth/token';

/** Bytes of a request there: an assertion fits. */
export const FORM_BYTES = 16_384;
const FIELDS = 20;

/**
 * The fields of a form. An empty value counts as not sent, as RFC 6749 §3.2 wants it. @throws ScimError AUTH_REQUEST where a
 * field is there twice, or there are too many
 */
export function readForm(body: unknown): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (typeof body !== 'string') return fields;
  const parameters = new URLSearchParams(body);
  if (parameters.size > FIELDS) throw refuse('AUTH_REQUEST', { reason: 'There are too many fields' });
  for (const [name, value] of parameters) {
    if (fields.has(name)) throw refuse('AUTH_REQUEST', { reason: 'A field was sent twice' });
    if (value !== '') fields.set(name, value);
  }
  return fields;
}
