import { refuse } from '../errors.ts';
import { parseJson } from './json.ts';

/** Characters from which on a text is parsed in parts. */
export const LARGE = 1024 * 1024;
/** Characters that are parsed or looked at in one go: a few milliseconds. */
const PART = 128 * 1024;
/**
 * Objects, lists and keys in a text, at most: a million, or one in so many characters where it is longer than 16 million. The largest group
 * has fewer; 16 MB of `{},` would be 400 MB.
 */
const MOST_PARTS = 1_000_000;
const CHARACTERS_A_PART = 16;

/** Where a bracketed part of the text that is larger than `PART` ends, by where it begins. */
type Extents = ReadonlyMap<number, number>;

/**
 * `parseJson` for texts of many megabytes: the same value and the same errors, with `pause` awaited between parts, so that nothing
 * else waits for long. Linear: each character is looked at three times at most.
 * @throws ScimError SCIM_DEPTH, SCIM_SYNTAX, SCIM_TOO_MANY
 */
export async function parseLargeJson(text: string, deepest: number, pause: () => Promise<void>): Promise<unknown> {
  if (text.length <= LARGE) return parseJson(text, deepest);
  const reader = new LargeReader(text, deepest, pause);
  return reader.read();
}

class LargeReader {
  readonly #text: string;
  readonly #deepest: number;
  readonly #pause: () => Promise<void>;
  /** Characters looked at since the last pause. */
  #spent = 0;

  constructor(text: string, deepest: number, pause: () => Promise<void>) {
    this.#text = text;
    this.#deepest = deepest;
    this.#pause = pause;
  }

  async read(): Promise<unknown> {
    const extents = await this.#measure();
    const start = this.#skipSpace(0);
    const end = extents.get(start);
    if (end === undefined) return this.#parse(0, this.#text.length);
    if (this.#skipSpace(end) !== this.#text.length) throw broken(end);
    return this.#large(start, end, extents);
  }

  /** The extents of all large parts. @throws ScimError SCIM_DEPTH, SCIM_TOO_MANY, SCIM_SYNTAX where brackets do not close */
  async #measure(): Promise<Extents> {
    const text = this.#text;
    const extents = new Map<number, number>();
    const open: number[] = [];
    const most = Math.max(MOST_PARTS, Math.floor(text.length / CHARACTERS_A_PART));
    let parts = 0;
    for (let at = 0, next = PART; at < text.length; at++) {
      if (at >= next) {
        next = at + PART;
        await this.#pause();
      }
      const code = text.charCodeAt(at);
      if (code === 0x5b || code === 0x7b || code === 0x3a) parts++;
      if (parts > most)
        throw refuse('SCIM_TOO_MANY', { reason: `The body has more than ${most} objects, lists and keys` });
      if (code === 0x22) at = this.#endOfString(at) - 1;
      else if (code === 0x5b || code === 0x7b) {
        if (open.push(at) > this.#deepest) throw refuse('SCIM_DEPTH', { limit: this.#deepest });
      } else if (code === 0x5d || code === 0x7d) {
        const start = open.pop();
        if (start === undefined) throw broken(at);
        if (at - start > PART) extents.set(start, at + 1);
      }
    }
    if (open.length > 0) throw broken(text.length);
    return extents;
  }

  /** A list or an object that is larger than a part. */
  async #large(start: number, end: number, extents: Extents): Promise<unknown> {
    const isList = this.#text[start] === '[';
    if (this.#text[end - 1] !== (isList ? ']' : '}')) throw broken(end - 1);
    return isList ? this.#list(start + 1, end - 1, extents) : this.#object(start + 1, end - 1, extents);
  }

  /** Small elements are parsed many at a time. */
  async #list(from: number, end: number, extents: Extents): Promise<unknown[]> {
    const found: unknown[] = [];
    if (this.#skipSpace(from) >= end) return found;
    let at = from;
    let pending = from;
    while (at < end) {
      const start = this.#skipSpace(at);
      const large = extents.get(start);
      const stop = this.#endOfElement(large ?? start, end);
      if (large !== undefined) {
        if (pending < at) push(found, await this.#elements(pending, at - 1));
        if (this.#skipSpace(large) !== stop) throw broken(large);
        found.push(await this.#large(start, large, extents));
        pending = stop + 1;
      } else if (stop - pending > PART) {
        push(found, await this.#elements(pending, stop));
        pending = stop + 1;
      }
      at = stop + 1;
      // A comma with nothing behind it.
      if (stop < end && this.#skipSpace(at) >= end) throw broken(stop);
    }
    if (pending < end) push(found, await this.#elements(pending, end));
    return found;
  }

  async #object(from: number, end: number, extents: Extents): Promise<object> {
    const entries: [string, unknown][] = [];
    if (this.#skipSpace(from) >= end) return {};
    let at = from;
    while (at < end) {
      const key = this.#skipSpace(at);
      if (this.#text.charCodeAt(key) !== 0x22) throw broken(key);
      const afterKey = this.#endOfString(key);
      const colon = this.#skipSpace(afterKey);
      if (this.#text.charCodeAt(colon) !== 0x3a) throw broken(colon);
      const start = this.#skipSpace(colon + 1);
      const large = extents.get(start);
      const stop = this.#endOfElement(large ?? start, end);
      if (large !== undefined && this.#skipSpace(large) !== stop) throw broken(large);
      const name = (await this.#parse(key, afterKey)) as string;
      const value = large === undefined ? await this.#parse(colon + 1, stop) : await this.#large(start, large, extents);
      entries.push([name, value]);
      at = stop + 1;
      if (stop < end && this.#skipSpace(at) >= end) throw broken(stop);
    }
    return Object.fromEntries(entries);
  }

  async #elements(from: number, end: number): Promise<unknown[]> {
    await this.#rest(end - from);
    const found = this.#json(`[${this.#text.slice(from, end)}]`, from - 1) as unknown[];
    if (found.length === 0) throw broken(from);
    return found;
  }

  async #parse(from: number, end: number): Promise<unknown> {
    await this.#rest(end - from);
    return this.#json(this.#text.slice(from, end), from);
  }

  async #rest(characters: number): Promise<void> {
    this.#spent += characters;
    if (this.#spent < PART) return;
    this.#spent = 0;
    await this.#pause();
  }

  #json(part: string, offset: number): unknown {
    try {
      return JSON.parse(part) as unknown;
    } catch (error) {
      const place = /position (\d+)/.exec(String(error))?.[1];
      throw broken(place === undefined ? undefined : offset + Number(place));
    }
  }

  /** The comma behind an element, or the end. */
  #endOfElement(from: number, end: number): number {
    const text = this.#text;
    let depth = 0;
    let at = from;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) at = this.#endOfString(at) - 1;
      else if (code === 0x5b || code === 0x7b) depth++;
      else if (code === 0x5d || code === 0x7d) depth--;
      else if (code === 0x2c && depth === 0) break;
    }
    return Math.min(at, end);
  }

  /** Behind the closing quote. */
  #endOfString(start: number): number {
    const text = this.#text;
    let at = start + 1;
    while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
    if (at >= text.length) throw broken(start);
    return at + 1;
  }

  #skipSpace(from: number): number {
    let at = from;
    while (at < this.#text.length && isSpace(this.#text.charCodeAt(at))) at++;
    return at;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Ten thousands of arguments would overflow the stack. */
function push(list: unknown[], more: readonly unknown[]): void {
  for (const item of more) list.push(item);
}

function broken(at?: number): Error {
  return refuse('SCIM_SYNTAX', { reason: `The body is not JSON${at === undefined ? '' : ` at position ${at}`}` });
}
