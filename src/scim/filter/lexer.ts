import { refuse } from '../../errors.ts';
import type { Token } from './token.ts';

/**
 * Splits a filter into tokens in one pass: each character is looked at a bounded number of times.
 * Strings are JSON strings (RFC 7644 §3.4.2.2) of well-formed text, as everything is that is stored: half a character is none, whoever
 * compares it. The last token is `end`.
 * @throws ScimError SCIM_FILTER with a column
 */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  if (!text.isWellFormed()) throw refuse('SCIM_FILTER', { reason: 'it is not well-formed Unicode' });
  let at = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (isSpace(character)) {
      at++;
      continue;
    }
    const token = character === '"' ? string(text, at) : isBracket(character) ? bracket(character, at) : word(text, at);
    found.push(token);
    at += token.text.length;
  }
  found.push({ kind: 'end', text: '', column: text.length + 1 });
  return found;
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}

function isBracket(character: string): character is '(' | ')' | '[' | ']' {
  return character === '(' || character === ')' || character === '[' || character === ']';
}

function bracket(kind: '(' | ')' | '[' | ']', at: number): Token {
  return { kind, text: kind, column: at + 1 };
}

function word(text: string, start: number): Token {
  let end = start + 1;
  while (end < text.length && !isSpace(text[end]!) && !isBracket(text[end]!) && text[end] !== '"') end++;
  return { kind: 'word', text: text.slice(start, end), column: start + 1 };
}

function string(text: string, start: number): Token {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  if (end >= text.length) throw refuse('SCIM_FILTER', { reason: `the string at column ${start + 1} does not end` });
  const raw = text.slice(start, end + 1);
  return { kind: 'string', text: raw, value: decode(raw, start + 1), column: start + 1 };
}

function decode(raw: string, column: number): string {
  try {
    const value: unknown = JSON.parse(raw);
    if (typeof value === 'string' && value.isWellFormed()) return value;
  } catch {
    // Reported below: the parser's own message may quote the value.
  }
  throw refuse('SCIM_FILTER', { reason: `the string at column ${column} is not a JSON string of well-formed Unicode` });
}
