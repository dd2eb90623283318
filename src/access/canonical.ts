import { createHash, createHmac } from 'node:crypto';

/** JSON with sorted keys and no undefined: equal values give equal text. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** SHA-256 of the canonical form, hex. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** HMAC-SHA256 of the canonical form, hex. */
export function seal(key: Uint8Array, value: unknown): string {
  return createHmac('sha256', key).update(canonical(value)).digest('hex');
}
