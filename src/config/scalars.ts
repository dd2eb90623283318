import { z } from 'zod';
import { NETWORK, NO_NETWORK, networkProblem } from './network.ts';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZES = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** `90s`, `15m`, `1h`, `30d`; becomes milliseconds. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a duration is a number with ms, s, m, h or d, e.g. 15m')
  .transform(milliseconds)
  .describe('A duration: a number with ms, s, m, h or d, e.g. 15m.');

/** The longest duration that a timer takes: beyond 2^31 ms it would fire at once. */
const LONGEST_TIMER = '24d';

/** A duration that is no shorter and no longer. */
export function durationOf(least: string, most = LONGEST_TIMER) {
  return duration.refine(
    (value) => value >= milliseconds(least) && value <= milliseconds(most),
    `a duration from ${least} to ${most}`,
  );
}

/** `16MB`, `64KB`; becomes bytes. */
export const size = z
  .string()
  .regex(/^\d{1,9}(B|KB|MB|GB)$/, 'a size is a number with B, KB, MB or GB, e.g. 16MB')
  .transform((text) => {
    const unit = text.replace(/^\d+/, '') as keyof typeof SIZES;
    return Number.parseInt(text, 10) * SIZES[unit];
  })
  .describe('A size: a number with B, KB, MB or GB, e.g. 16MB.');

/** `10%`; becomes a fraction. */
export const percent = z
  .string()
  .regex(/^\d{1,2}%$/, 'a share is a whole number below 100 with %, e.g. 10%')
  .transform((text) => Number.parseInt(text, 10) / 100)
  .describe('A share: a whole number below 100 with %, e.g. 10%.');

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. */
export const cidr = z
  .string()
  .regex(NETWORK, { error: NO_NETWORK, abort: true })
  .refine((text) => networkProblem(text) === undefined, { error: ({ input }) => networkProblem(String(input)) })
  .describe('An address or a CIDR.');

/** An http or https URL without credentials, query or fragment; ends with a slash. */
export const baseUrl = z
  .string()
  .refine((text) => urlProblem(text) === undefined, {
    error: (issue) => urlProblem(String(issue.input)) ?? 'not a URL',
  })
  .transform((text) => (text.endsWith('/') ? text : `${text}/`))
  .describe('An http or https URL without user, password, query or fragment.');

/** A name of a controller or a connection: stable, quoted by the ledger. */
export const entityName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a name has 1 to 63 of a-z 0-9 . _ - and starts with a letter or digit');

/** Milliseconds of a duration that matches `duration`. */
export function milliseconds(text: string): number {
  const unit = text.replace(/^\d+/, '') as keyof typeof UNITS;
  return Number.parseInt(text, 10) * UNITS[unit];
}

function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'not a URL; write it with http:// or https://';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'only http and https are understood';
  if (url.username !== '' || url.password !== '') return 'a URL never holds credentials; use user and apiToken';
  return url.search === '' && url.hash === '' ? undefined : 'a base URL has neither a query nor a fragment';
}
