import type { TokenRecord } from './credentials.ts';

/** Milliseconds before the end at which people are told. */
export const EXPIRY_WARNING = 14 * 86_400_000;
const EXPIRY_ALARM = 3 * 86_400_000;

/** `soon` within 14 days, `urgent` within 3. */
export type Expiry = 'fine' | 'soon' | 'urgent' | 'expired';

/** When a credential ends by itself, in milliseconds since the epoch: it expires, or a rotation ends it. */
export function endOf({ expiresAt, rotation }: Pick<TokenRecord, 'expiresAt' | 'rotation'>): number {
  const end = (instant: string | null | undefined): number =>
    instant === null || instant === undefined ? Number.POSITIVE_INFINITY : Date.parse(instant);
  return Math.min(end(expiresAt), rotation?.role === 'predecessor' ? end(rotation.endsAt) : Number.POSITIVE_INFINITY);
}

export function expiryOf(end: number, now: number): Expiry {
  if (end <= now) return 'expired';
  if (end - now <= EXPIRY_ALARM) return 'urgent';
  return end - now <= EXPIRY_WARNING ? 'soon' : 'fine';
}

/**
 * Whether somebody has to act before a credential ends: not where a successor is already in use, and not long after the end.
 */
export function needsSuccessor({ revokedAt, rotation, ...token }: TokenRecord, now: number): boolean {
  if (revokedAt !== null || (rotation?.role === 'predecessor' && rotation.endsAt !== null)) return false;
  const end = endOf(token);
  return expiryOf(end, now) !== 'fine' && now - end < EXPIRY_WARNING;
}
