import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { instant } from './instant.ts';

/** A constant Groovy script with the shapes of what goes in and what comes out. */
export interface Script<Parameters, Result> {
  readonly name: string;
  /** Constant text; opening, fragments, purpose, closing. */
  readonly text: string;
  /** SHA-256 of the text, hex; ships with each release and is what a proxy or an audit can compare with. */
  readonly sha256: string;
  readonly parameters: z.ZodType<Parameters>;
  readonly result: z.ZodType<Result>;
}

/** The one line behind the sentinel. `touched` tells whether anything was changed and not put back when it failed. */
export const reply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), session: z.string(), time: instant, result: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: z.string(), touched: z.boolean() }),
]);

export type Reply = z.output<typeof reply>;

const opening = read(new URL('./opening.groovy', import.meta.url));
const closing = read(new URL('./closing.groovy', import.meta.url));

/** Puts a script together from its files: opening, fragments and purpose in the order given, closing. */
export function script<P, R>(
  name: string,
  files: readonly URL[],
  parameters: z.ZodType<P>,
  result: z.ZodType<R>,
): Script<P, R> {
  const text = [opening, ...files.map(read), closing].join('');
  const sha256 = createHash('sha256').update(text, 'utf8').digest('hex');
  return Object.freeze({ name, text, sha256, parameters, result });
}

/** Line ends are made equal, so that a checkout on Windows gives the same SHA-256. */
function read(file: URL): string {
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
}
