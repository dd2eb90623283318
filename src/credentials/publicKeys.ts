import { createPublicKey } from 'node:crypto';
import { ALGORITHMS } from '../config/jwt.ts';

/** A public key (RFC 7517 §4). */
export type PublicKey = Readonly<Record<string, string>>;

/** Public keys as a JWK set (RFC 7517 §5). */
export interface PublicKeys {
  readonly keys: readonly PublicKey[];
}

const CURVES = ['P-256', 'P-384', 'P-521', 'Ed25519'];
const MOST = 10;
const LARGEST = 64 * 1024;
/** Members of a JWK that a signature is checked with; whatever else is written there is left out. */
const KEPT = ['kty', 'kid', 'use', 'alg', 'n', 'e', 'crv', 'x', 'y'];

/**
 * Reads a PEM public key or certificate, a JWK or a JWK set. @throws Error that names what is wrong: a private or a secret key,
 * a weak or unknown one
 */
export function readPublicKeys(text: string): PublicKeys {
  if (text.length > LARGEST) throw new Error('the file with the public key is too large');
  const found = text.trimStart().startsWith('{') ? documents(text) : [pem(text)];
  if (found.length === 0 || found.length > MOST) throw new Error(`there have to be 1 to ${MOST} public keys`);
  return { keys: found.map(checked).map(forSignatures) };
}

/** A client whose key is for something else could never sign in. */
function forSignatures(key: PublicKey): PublicKey {
  const other =
    (key.use ?? 'sig') !== 'sig' || (key.alg !== undefined && !ALGORITHMS.some((known) => known === key.alg));
  if (other) throw new Error('a key is for something else than signatures (`use`, `alg`)');
  return key;
}

function pem(text: string): Record<string, unknown> {
  if (/PRIVATE KEY/.test(text))
    throw new Error('this is a private key: give the public one, the client keeps the other');
  try {
    return createPublicKey(text).export({ format: 'jwk' }) as Record<string, unknown>;
  } catch {
    throw new Error('there is no PEM, JWK or JWK set in it');
  }
}

function documents(text: string): Record<string, unknown>[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('there is no PEM, JWK or JWK set in it');
  }
  const keys = (value as { keys?: unknown }).keys ?? [value];
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'object' || key === null))
    throw new Error('there is no PEM, JWK or JWK set in it');
  return keys as Record<string, unknown>[];
}

/** The public members of a key that signatures may be checked with. @throws Error that names what is wrong */
export function checked(key: Readonly<Record<string, unknown>>): PublicKey {
  if (key.kty === 'oct') throw new Error('this is a shared secret, not a public key');
  if ('d' in key) throw new Error('this is a private key: give the public one, the client keeps the other');
  if (Array.isArray(key.key_ops) && !key.key_ops.includes('verify'))
    throw new Error('a key is for something else than checking signatures (`key_ops`)');
  const members = KEPT.flatMap((name) => (typeof key[name] === 'string' ? [[name, key[name]] as const] : []));
  const kept = Object.fromEntries(members);
  let details: { modulusLength?: number } | undefined;
  try {
    details = createPublicKey({ key: kept as never, format: 'jwk' }).asymmetricKeyDetails;
  } catch {
    throw new Error('a public key cannot be read');
  }
  if (kept.kty === 'RSA' && (details?.modulusLength ?? 0) < 2048) throw new Error('an RSA key has at least 2048 bits');
  if (kept.kty !== 'RSA' && !CURVES.includes(kept.crv ?? ''))
    throw new Error(`a key is RSA or on one of the curves ${CURVES.join(', ')}`);
  return kept;
}
