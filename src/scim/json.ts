import { refuse } from '../errors.ts';
import { quoted } from './quoted.ts';

/**
 * Parses a JSON text after looking at its nesting: one pass, no recursion. Of repeated keys the last one holds.
 * @throws ScimError SCIM_DEPTH, SCIM_SYNTAX
 */
export function parseJson(text: string, deepest: number): unknown {
  if (nesting(text) > deepest) throw refuse('SCIM_DEPTH', { limit: deepest });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw refuse('SCIM_SYNTAX', { reason: `The body is not JSON${position(error)}` });
  }
}

/** The deepest nesting of brackets outside strings; what is no JSON is counted alike. */
export function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}

/** The place only: the parser's message quotes the body, which may hold a password. */
function position(error: unknown): string {
  const found = /position (\d+)/.exec(String(error));
  return found === null ? '' : ` at position ${found[1]}`;
}

/** @throws ScimError SCIM_SYNTAX where the value is no JSON object */
export function asJsonObject(value: unknown): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw refuse('SCIM_SYNTAX', { reason: 'The body is not a JSON object' });
  return value as Record<string, unknown>;
}

/** Which of two spellings is meant, two readers would not agree on. */
export function twice(name: string): Error {
  return refuse('SCIM_SYNTAX', { reason: `${name} is given twice, in two spellings` });
}

/** Keys in lower case, with their values. @throws ScimError SCIM_SYNTAX where one is there in two spellings */
export function lowerKeys(object: object): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(object)) {
    const name = key.toLowerCase();
    if (found.has(name)) throw twice(quoted(key));
    found.set(name, value);
  }
  return found;
}

/** More keys than any resource has attributes, unknown ones included. */
export const MOST_KEYS = 1000;

/** Keys and values of an object of attributes. @throws ScimError SCIM_VALUE where there are too many to look at */
export function attributeEntries(object: object): [string, unknown][] {
  const entries = Object.entries(object);
  if (entries.length > MOST_KEYS) throw refuse('SCIM_VALUE', { reason: `An object has more than ${MOST_KEYS} keys` });
  return entries;
}
