const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/** An RFC 3339 instant in the form it is stored in (UTC, milliseconds); undefined where the text is none. */
export function instantOf(text: string): string | undefined {
  if (!RFC_3339.test(text)) return undefined;
  const milliseconds = Date.parse(text.toUpperCase());
  if (Number.isNaN(milliseconds)) return undefined;
  const instant = new Date(milliseconds).toISOString();
  return instant.length === 24 ? instant : undefined;
}
