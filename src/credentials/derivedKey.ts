import { hkdfSync } from 'node:crypto';
import type { Keys } from '../config/keys.ts';

/** A key of 32 bytes for one purpose, derived from the current token key (RFC 5869), so that no key serves two of them. */
export function derivedKey({ current, byVersion }: Keys['token'], purpose: string): Uint8Array {
  const key = byVersion.get(current);
  if (key === undefined) throw new Error('the current token key is not among the keys');
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), `jenkins-scim ${purpose}`, 32));
}
