const RFC_3339 = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/** An RFC 3339 instant in the form it is stored in (UTC, milliseconds); undefined where the text is none, or a day of no calendar. */
export function instantOf(text: string): string | undefined {
  const day = RFC_3339.exec(text)?.[1];
  if (day === undefined || !isDay(day)) return undefined;
  const milliseconds = Date.parse(text.toUpperCase());
  if (Number.isNaN(milliseconds)) return undefined;
  const instant = new Date(milliseconds).toISOString();
  return instant.length === 24 ? instant : undefined;
}

/** Whether a day like 2026-11-27 is in the calendar; `Date` takes 30 February for the second of March. */
export function isDay(text: string): boolean {
  const start = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(start) && new Date(start).toISOString().slice(0, 10) === text;
}
