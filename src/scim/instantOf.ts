const DATE_TIME = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/i;

/**
 * An instant in the form it is stored in (UTC, milliseconds); undefined where the text is none, or a day of no calendar. It is an
 * xsd:dateTime (RFC 7643 §2.3.5), so the zone may be missing: then it is UTC.
 */
export function instantOf(text: string): string | undefined {
  const [, day, zone] = DATE_TIME.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  const milliseconds = Date.parse(`${text.toUpperCase()}${zone === undefined ? 'Z' : ''}`);
  if (Number.isNaN(milliseconds)) return undefined;
  const instant = new Date(milliseconds).toISOString();
  return instant.length === 24 ? instant : undefined;
}

/** Whether a day like 2026-11-27 is in the calendar; `Date` takes 30 February for the second of March. */
export function isDay(text: string): boolean {
  const start = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(start) && new Date(start).toISOString().slice(0, 10) === text;
}
