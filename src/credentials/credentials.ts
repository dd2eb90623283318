/**
 * `scim`: bearer token of an identity provider. `client`: OAuth 2.0 client of one (RFC 6749), which is no bearer token but gets
 * short-lived ones at the token endpoint. `metrics`: for `/metrics`. `operator`: for `/api/v1`.
 */
export type TokenKind = 'scim' | 'client' | 'metrics' | 'operator';

export const SCIM_SCOPES = ['users:read', 'users:write', 'groups:read', 'groups:write'] as const;
export type ScimScope = (typeof SCIM_SCOPES)[number];

/** Whether an identity provider can push with what has these scopes: who may only read is none, and no sign of life of one. */
export function pushes(scopes: readonly string[]): boolean {
  return scopes.some((scope) => scope.endsWith(':write'));
}

/** Where a credential stands in a rotation that is under way. */
export interface RotationPlace {
  /** The other one of the two. */
  readonly other: string;
  readonly role: 'successor' | 'predecessor';
  /** When the predecessor ends; null until the successor is used or the rotation is completed. */
  readonly endsAt: string | null;
}

/** A credential without its secret. Times are RFC 3339 instants. */
export interface TokenRecord {
  readonly id: string;
  readonly kind: TokenKind;
  readonly connection: string | null;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  /** CIDRs it may be used from; absent: from everywhere. */
  readonly networks?: readonly string[];
  /** Whom it stands for, where it stands for a person: it has no scopes then, and opens /Me. */
  readonly person?: Person;
  /** How an OAuth client proves who it is; absent on other kinds. */
  readonly method?: ClientMethod;
  /** Only in `list`. */
  readonly rotation?: RotationPlace;
  /** Only in `list`: the key it was sealed with is not among the keys any more, so it is refused. */
  readonly keyGone?: true;
}

/** A person by the attribute of SCIM that a claim of the token is compared with. */
export interface Person {
  readonly attribute: 'userName' | 'externalId' | 'emails';
  readonly value: string;
}

/** RFC 7591 §2 `token_endpoint_auth_method`; whoever has a secret may also post it (`client_secret_post`). */
type ClientMethod = 'client_secret_basic' | 'private_key_jwt';

export interface TokenOrder {
  readonly kind: TokenKind;
  readonly connection?: string;
  /** Default: all SCIM scopes for `scim` and `client`, none otherwise. `users`, `groups`, `read`, `write` stand for two each. */
  readonly scopes?: readonly string[];
  readonly expiresAt?: string;
  /** Addresses and CIDRs it may be used from. */
  readonly networks?: readonly string[];
}

export interface ClientOrder extends Omit<TokenOrder, 'kind'> {
  /** PEM, JWK or JWK set: the client signs assertions (RFC 7523) and has no secret. */
  readonly publicKeys?: string;
}

/** What was made: `token` is the secret; null where a client holds a private key instead. */
export type Made = TokenRecord & { readonly token: string | null };

/**
 * Bearer tokens (security.md): found by the id inside the token, one constant-time compare of a MAC over the whole row.
 * What is not ours is looked at as a JWT of an external issuer, where a connection names one.
 */
export interface Credentials {
  /** The secret is in the answer once and nowhere else. @throws ScimError AUTH_ORDER */
  create(order: TokenOrder, actor: string): Promise<TokenRecord & { readonly token: string }>;
  /** Makes an OAuth 2.0 client; one with public keys has no secret. @throws ScimError AUTH_ORDER */
  createClient(order: ClientOrder, actor: string): Promise<Made>;
  /**
   * `from` is the address of the client, for credentials that are bound to networks.
   * @throws ScimError AUTH_MISSING, AUTH_TWICE, AUTH_INVALID: same answer for wrong, unknown, expired, revoked, of another kind and from
   * elsewhere; AUTH_KEYS while the keys of an external issuer cannot be had
   */
  verify(authorization: string | undefined, kind: TokenKind, from?: string): Promise<TokenRecord>;
  list(): Promise<readonly TokenRecord[]>;
  /** Ends one at once, and with it a rotation it takes part in. @throws ScimError AUTH_UNKNOWN; AUTH_ISSUED for `jwt:CONNECTION` */
  revoke(id: string, actor: string): Promise<void>;
}

/** Scopes in the one order in which they are sealed. */
export function inOrder(scopes: readonly string[]): readonly ScimScope[] {
  return SCIM_SCOPES.filter((scope) => scopes.includes(scope));
}
