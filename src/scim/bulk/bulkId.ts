/** What a reference to an operation of the same bulk request begins with (RFC 7644 §3.7.2). */
export const PREFIX = 'bulkId:';

/** The bulkId that a text stands for. */
export function bulkIdOf(text: unknown): string | undefined {
  return typeof text === 'string' && text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
}
