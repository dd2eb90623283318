export type TokenKind = 'scim' | 'metrics' | 'operator';

export const SCIM_SCOPES = ['users:read', 'users:write', 'groups:read', 'groups:write'] as const;
export type ScimScope = (typeof SCIM_SCOPES)[number];

/** A token without its secret. Times are RFC 3339 instants. */
export interface TokenRecord {
  readonly id: string;
  readonly kind: TokenKind;
  readonly connection: string | null;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

export interface TokenOrder {
  readonly kind: TokenKind;
  readonly connection?: string;
  /** Default: all SCIM scopes for `scim`, none otherwise. */
  readonly scopes?: readonly string[];
  readonly expiresAt?: string;
}

/** Bearer tokens (security.md): found by the id inside the token, one constant-time compare of a MAC over the whole row. */
export interface Credentials {
  /** The secret is in the answer once and nowhere else. */
  create(order: TokenOrder, actor: string): Promise<TokenRecord & { readonly token: string }>;
  /** @throws ScimError AUTH_MISSING, AUTH_INVALID: same answer for wrong, unknown, expired, revoked and of another kind */
  verify(authorization: string | undefined, kind: TokenKind): Promise<TokenRecord>;
  list(): Promise<readonly TokenRecord[]>;
  revoke(id: string, actor: string): Promise<void>;
}
