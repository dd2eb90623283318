/** A private code point that stands before what it escapes. */
const ESCAPE = '\ue000';
const NUL = '\ue001';

/**
 * PostgreSQL holds no U+0000, SQLite and JSON do. It travels as U+E000 U+E001, and U+E000 itself as U+E000 U+E000; every other
 * text is itself. `decode(encode(text)) === text` for well-formed text; a lone surrogate becomes U+FFFD, as UTF-8 has none.
 */
export function encode(text: string): string {
  if (!text.includes('\0') && !text.includes(ESCAPE)) return text;
  return text.replaceAll(ESCAPE, ESCAPE + ESCAPE).replaceAll('\0', ESCAPE + NUL);
}

export function decode(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  return text.replace(/\ue000([\ue000\ue001])/g, (_, escaped) => (escaped === NUL ? '\0' : ESCAPE));
}

/** A value as it is sent: the server makes of it what the place where it goes is. */
export type Bound = string | Uint8Array | null;

/** Texts, numbers, booleans as 0 and 1, lists of them as arrays. */
export function bound(value: unknown): Bound {
  if (typeof value === 'string') return encode(value);
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value)) return `{${value.map(item).join(',')}}`;
  return value instanceof Uint8Array ? value : String(value);
}

function item(value: unknown): string {
  const text = bound(value);
  return typeof text === 'string' ? `"${text.replace(/["\\]/g, '\\$&')}"` : 'NULL';
}
