import type { LedgerEvent } from '../access/ports/recorder.ts';
import type { TokensTable } from '../store/tables/credentials.ts';
import type { TokenKind, TokenRecord } from './credentials.ts';
import { inside } from './network.ts';
import type { SealedColumns } from './tokenSeal.ts';

/** The time of last use is stored once in so many milliseconds. */
export const LAST_USED_EVERY = 300_000;

/** A row with the moment at which a rotation ends it, if one does. */
export type LiveRow = TokensTable & { readonly ends_at: string | null };

/** Stands in for a row that is not there, so that an unknown id costs what a wrong secret does. */
export const NOBODY: Omit<SealedColumns, 'key_version'> = {
  id: '',
  kind: '',
  connection: null,
  scopes: '[]',
  roles: '[]',
  created_at: '',
  created_by: '',
  expires_at: null,
  networks: '[]',
  jwks: null,
};

/** Why a row is none of that kind that still counts, for our log; undefined where it is one. `now` in milliseconds. */
export function ended(row: LiveRow, kind: TokenKind, now: number): string | undefined {
  const over = (instant: string | null): boolean => instant !== null && Date.parse(instant) <= now;
  if (row.revoked_at !== null) return `it was revoked at ${row.revoked_at}`;
  if (over(row.expires_at)) return `it expired at ${row.expires_at}`;
  if (over(row.ends_at)) return `its successor is in use, and its grace ended at ${row.ends_at}`;
  return row.kind === kind ? undefined : `it is of the kind ${row.kind}, and ${kind} is wanted here`;
}

/** Whether the row may be used from an address. A malformed list lets nobody in. */
export function reachable(row: Pick<TokensTable, 'networks'>, from: string | undefined): boolean {
  return row.networks === '[]' || inside(listOf(row.networks), from);
}

/** The row without what only the seal needs. Lists were written by us and are sealed; a malformed one is empty. */
export function present(row: TokensTable): TokenRecord {
  const networks = listOf(row.networks);
  return Object.freeze({
    id: row.id,
    kind: row.kind as TokenKind,
    connection: row.connection,
    scopes: listOf(row.scopes),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    ...(networks.length === 0 ? {} : { networks }),
    ...(row.kind === 'client'
      ? { method: row.jwks === null ? ('client_secret_basic' as const) : ('private_key_jwt' as const) }
      : {}),
  });
}

/** A record of what happened to a credential. */
export function credentialEvent(
  kind: string,
  row: TokensTable,
  actor: string,
  more: Readonly<Record<string, unknown>> = {},
): LedgerEvent {
  const { id, connection, expires_at } = row;
  const networks = listOf(row.networks);
  const body = {
    kind: row.kind,
    connection,
    scopes: listOf(row.scopes),
    expiresAt: expires_at,
    ...(networks.length === 0 ? {} : { networks }),
    ...more,
  };
  return { kind, actor, subject: { kind: 'credential', id }, body };
}

function listOf(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}
