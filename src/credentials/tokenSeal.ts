import { createHash, timingSafeEqual } from 'node:crypto';
import { seal } from '../access/canonical.ts';
import type { Keys } from '../config/keys.ts';
import type { TokensTable } from '../store/tables/credentials.ts';

/** The columns that the MAC of a token covers; changing any of them kills the token (security.md). */
export type SealedColumns = Omit<TokensTable, 'mac' | 'last_used_at' | 'revoked_at'>;

/**
 * HMAC over the row and the secret under the key version that the row names; undefined where there is no such key. Columns that
 * came later are part of it where they say something: rows that were sealed before are as they were.
 */
export function tokenMac(keys: Keys['token'], row: SealedColumns, secret: Uint8Array): string | undefined {
  const key = keys.byVersion.get(row.key_version);
  if (key === undefined) return undefined;
  return seal(key, {
    purpose: 'token',
    ...sealed(row),
    secret: createHash('sha256').update(secret).digest('hex'),
  });
}

/** What a seal says of a row. */
export function sealed(row: SealedColumns): Readonly<Record<string, unknown>> {
  const { id, kind, connection, scopes, roles, created_at, created_by, expires_at, key_version, networks, jwks } = row;
  return {
    ...{ id, kind, connection, scopes, roles, created_at, created_by, expires_at, key_version },
    ...(networks === '[]' ? {} : { networks }),
    ...(jwks === null ? {} : { jwks }),
  };
}

/** Compares in constant time. */
export function sameMac(expected: string | undefined, found: string): boolean {
  if (expected === undefined || expected.length !== found.length) return false;
  const [left, right] = [Buffer.from(expected), Buffer.from(found)];
  return left.length === right.length && timingSafeEqual(left, right);
}
