const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * The moment a text names, in milliseconds since the epoch: a day ends at 24:00 UTC (semantics §6), an instant is itself and needs
 * an offset. Undefined where the text is neither, or a day that is in no calendar.
 */
export function parseUntil(text: string): number | undefined {
  const day = DAY.exec(text);
  if (day !== null) return dayEnd(text);
  const date = INSTANT.exec(text)?.[1];
  if (date === undefined || dayEnd(date) === undefined) return undefined;
  const instant = Date.parse(text.toUpperCase());
  return Number.isNaN(instant) ? undefined : instant;
}

function dayEnd(text: string): number | undefined {
  const start = Date.parse(`${text}T00:00:00.000Z`);
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== text) return undefined;
  return start + 86_400_000;
}
