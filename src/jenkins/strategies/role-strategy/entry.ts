import { z } from 'zod';
import type { Principal, PrincipalType } from '../../../access/principal.ts';
import { textsOf } from '../../scripts/collection.ts';

const LETTER: Readonly<Record<PrincipalType, string>> = { user: 'u', group: 'g', either: 'e' };
const TYPE: Readonly<Record<string, PrincipalType>> = { u: 'user', g: 'group', e: 'either' };

/** An entry as one word: `u`, `g` or `e` for its kind, then the SID byte for byte (which may be empty). */
const WORD = /^[uge]/;

export const wordOfEntry = z.string().regex(WORD);

export const wordsOfEntries = textsOf(WORD);

/** `{type: 'user', id: 'ana'}` is `uana`. */
export function toWord(principal: Principal): string {
  return LETTER[principal.type] + principal.id;
}

/** The other way; the word has passed `wordOfEntry`. */
export function fromWord(word: string): Principal {
  return { type: TYPE[word.charAt(0)]!, id: word.slice(1) };
}
