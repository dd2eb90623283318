import { refuse } from '../errors.ts';
import { SCIM_SCOPES, type TokenOrder } from './credentials.ts';

/** An order with everything filled in. */
export interface CheckedOrder {
  readonly connection: string | null;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
}

/** Refuses what would be a token of no use or of too much. `now` in milliseconds. @throws ScimError AUTH_ORDER */
export function checkOrder(order: TokenOrder, now: number): CheckedOrder {
  const { kind, connection, expiresAt } = order;
  const scopes = [...new Set(order.scopes ?? (kind === 'scim' ? SCIM_SCOPES : []))].sort();
  const reason = problem(order, scopes, now);
  if (reason !== undefined) throw refuse('AUTH_ORDER', { reason });
  return {
    connection: connection ?? null,
    scopes,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
  };
}

function problem(order: TokenOrder, scopes: readonly string[], now: number): string | undefined {
  const { kind, connection, expiresAt } = order;
  const known: readonly string[] = kind === 'scim' ? SCIM_SCOPES : [];
  const foreign = scopes.find((scope) => !known.includes(scope));
  if (kind === 'scim' && (connection === undefined || connection === '')) return 'a SCIM token belongs to a connection';
  if (kind !== 'scim' && connection !== undefined) return `a ${kind} token belongs to no connection`;
  if (foreign !== undefined) return `the scope ${foreign} is unknown; known: ${known.join(', ') || 'none'}`;
  if (kind === 'scim' && scopes.length === 0) return 'it would have no scope';
  if (expiresAt !== undefined && !(Date.parse(expiresAt) > now)) return 'its expiry is not an instant to come';
  return undefined;
}
