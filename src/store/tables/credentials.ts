/** Bearer tokens. The secret is nowhere: `mac` covers it together with every other column but the last two (security.md). */
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
  /** HMAC-SHA256, hex; emptied by a revocation, so that a row cannot be brought back by SQL. */
  mac: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface CredentialsTables {
  tokens: TokensTable;
}
