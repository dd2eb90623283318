import { seal } from '../access/canonical.ts';
import type { Keys } from '../config/keys.ts';
import type { TokensTable } from '../store/tables/credentials.ts';
import { SCIM_SCOPES } from './credentials.ts';
import { sealed } from './tokenSeal.ts';
import { checksum } from './tokenText.ts';

/** Seconds an access token lives: short, because it needs no revocation of its own. */
export const ACCESS_SECONDS = 900;

/** What an access token says of itself; nothing of it is believed before its MAC is. */
interface AccessClaims {
  /** Id of the client: a UUID. */
  readonly client: string;
  /** Seconds since the epoch. */
  readonly expires: number;
  readonly scopes: readonly string[];
  /** Version of the key under which the MAC was made. */
  readonly version: number;
}

const SHAPE = /^jscimat_([0-9a-f]{32})([0-9a-f]{10})([0-9a-f])([0-9a-f]{8})([0-9a-f]{64})([0-9a-f]{8})$/;

/**
 * `jscimat_`, then client, expiry, scopes, key version, MAC and CRC-32 in hex. Nothing is stored: the MAC covers the claims and
 * the whole row of the client, so that whatever ends or changes the client ends its access tokens.
 */
export function formatAccess(claims: AccessClaims, mac: string): string {
  const bits = SCIM_SCOPES.reduce((sum, scope, place) => sum + (claims.scopes.includes(scope) ? 1 << place : 0), 0);
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const head = `jscimat_${claims.client.replaceAll('-', '')}${hex(claims.expires, 10)}${hex(bits, 1)}`;
  const body = `${head}${hex(claims.version, 8)}${mac}`;
  return body + checksum(body);
}

/** Takes an access token apart; undefined where it is none of ours or was mistyped. */
export function parseAccess(text: string): (AccessClaims & { readonly mac: string }) | undefined {
  const [, id, expires, bits, version, mac, sum] = SHAPE.exec(text) ?? [];
  if (id === undefined || mac === undefined || sum !== checksum(text.slice(0, -8))) return undefined;
  const set = Number.parseInt(bits!, 16);
  return {
    client: id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    expires: Number.parseInt(expires!, 16),
    scopes: SCIM_SCOPES.filter((_, place) => (set & (1 << place)) !== 0),
    version: Number.parseInt(version!, 16),
    mac,
  };
}

/** HMAC over the claims and the client's row with its own seal; undefined where there is no such key. */
export function accessMac(
  keys: Keys['token'],
  claims: AccessClaims,
  row: Omit<TokensTable, 'last_used_at' | 'revoked_at'>,
): string | undefined {
  const key = keys.byVersion.get(claims.version);
  if (key === undefined) return undefined;
  const { client, expires, scopes, version } = claims;
  return seal(key, { purpose: 'access token', client, expires, scopes, version, row: sealed(row), seal: row.mac });
}
