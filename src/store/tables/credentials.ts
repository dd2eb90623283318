/** Credentials. The secret is nowhere: `mac` covers it together with every other column but the last two (security.md). */
export interface TokensTable {
  id: string;
  kind: string;
  connection: string | null;
  /** JSON array of strings. */
  scopes: string;
  /** JSON array of strings; the roles of an operator. */
  roles: string;
  created_at: string;
  created_by: string;
  expires_at: string | null;
  /** Version of the key under which `mac` was made. */
  key_version: number;
  /** JSON array of CIDRs it may be used from; empty: from everywhere. */
  networks: string;
  /** JWK set (RFC 7517 §5) of public keys, of a client that signs instead of showing a secret. */
  jwks: string | null;
  /** HMAC-SHA256, hex; emptied by a revocation, so that a row cannot be brought back by SQL. */
  mac: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** A credential that takes the place of another; both live until the rotation ends. Times ending in `_ms` are milliseconds. */
export interface RotationsTable {
  successor: string;
  predecessor: string;
  state: 'open' | 'completed' | 'cancelled';
  /** How long the predecessor lives on after the first use of the successor. */
  grace_ms: number;
  started_at: string;
  /** First use of the successor. */
  used_at: string | null;
  /** When the predecessor ends; null until the successor was used. */
  ends_at: string | null;
  ended_at: string | null;
}

/** Client assertions that were used: each works once (RFC 7523 §3, `jti`). */
interface AssertionsTable {
  /** SHA-256 of client and `jti`. */
  key: string;
  expires_ms: number;
}

/** When a token of a connection's external issuer was seen last. */
interface IssuersTable {
  connection: string;
  last_used_at: string;
}

/** Credentials that somebody else had: what people gained by them since then waits for a release. */
interface CompromisedTable {
  credential: string;
  since: string;
  marked_at: string;
}

export interface CredentialsTables {
  tokens: TokensTable;
  rotations: RotationsTable;
  assertions: AssertionsTable;
  issuers: IssuersTable;
  compromised: CompromisedTable;
}
