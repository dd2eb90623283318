import { refuse } from '../../errors.ts';
import { numberIn } from '../numberIn.ts';
import { quoted } from '../quoted.ts';
import type { CompareOperator } from './filter.ts';
import { tokens } from './lexer.ts';
import type { Literal, Syntax, WrittenName } from './syntax.ts';
import type { Token } from './token.ts';

/** Most comparisons in one filter; keeps what is made of it (SQL) within the limits of every engine. */
export const MOST_TERMS = 256;

const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);

/** Length of the text and nesting of brackets that are accepted. */
export interface FilterLimits {
  readonly filterLength: number;
  readonly filterDepth: number;
}

/**
 * Reads the grammar of RFC 7644 §3.4.2.2, figure 1, and Entra's `emails[type eq "work"].value eq "x"`, in linear time.
 * Operators in any case; grouping binds tighter than not, and, or. @throws ScimError SCIM_FILTER with a column
 */
export function parseSyntax(text: string, limits: FilterLimits): Syntax {
  if (text.length > limits.filterLength)
    throw refuse('SCIM_FILTER', { reason: `it is longer than ${limits.filterLength} characters` });
  const parser = new Parser(tokens(text), limits.filterDepth);
  const filter = parser.disjunction();
  parser.end();
  return filter;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #deepest: number;
  #at = 0;
  #depth = 0;
  #terms = 0;

  constructor(list: readonly Token[], deepest: number) {
    this.#tokens = list;
    this.#deepest = deepest;
  }

  disjunction(): Syntax {
    return this.#list('or', () => this.#list('and', () => this.#term()));
  }

  end(): void {
    const token = this.#next();
    if (token.kind !== 'end') throw unexpected(token, 'the end');
  }

  #list(kind: 'and' | 'or', item: () => Syntax): Syntax {
    const first = item();
    if (!this.#isWord(kind)) return first;
    const filters = [first];
    while (this.#isWord(kind)) {
      this.#next();
      filters.push(item());
    }
    return { kind, filters };
  }

  #term(): Syntax {
    const token = this.#next();
    if (token.kind === '(') return this.#enclosed(token, ')');
    if (token.kind !== 'word') throw unexpected(token, 'an attribute');
    const opened = this.#peek();
    if (opened.kind === '(' && token.text.toLowerCase() === 'not') {
      this.#next();
      return { kind: 'not', filter: this.#enclosed(opened, ')') };
    }
    const name = { text: token.text, column: token.column };
    if (opened.kind !== '[') return this.#comparison(name);
    this.#next();
    const filter = this.#enclosed(opened, ']');
    const after = this.#peek();
    if (after.kind !== 'word' || !after.text.startsWith('.')) return { kind: 'value-path', name, filter };
    this.#next();
    const sub = this.#comparison({ text: after.text.slice(1), column: after.column + 1 });
    return { kind: 'value-path', name, filter: { kind: 'and', filters: [filter, sub] } };
  }

  #enclosed(opened: Token, closing: ')' | ']'): Syntax {
    if (++this.#depth > this.#deepest)
      throw refuse('SCIM_FILTER', { reason: `column ${opened.column}: nested deeper than ${this.#deepest}` });
    const filter = this.disjunction();
    const token = this.#next();
    if (token.kind !== closing) throw unexpected(token, `"${closing}"`);
    this.#depth--;
    return filter;
  }

  #comparison(name: WrittenName): Syntax {
    if (++this.#terms > MOST_TERMS)
      throw refuse('SCIM_FILTER', { reason: `column ${name.column}: more than ${MOST_TERMS} comparisons` });
    const token = this.#next();
    const operator = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (operator === 'pr') return { kind: 'present', name };
    if (!OPERATORS.has(operator)) throw unexpected(token, 'an operator (eq ne co sw ew gt ge lt le pr)');
    return { kind: 'compare', name, operator: operator as CompareOperator, literal: this.#literal() };
  }

  #literal(): Literal {
    const token = this.#next();
    const { text, column } = token;
    if (token.kind === 'string') return { text, column, value: token.value, form: 'string' };
    if (token.kind !== 'word') throw unexpected(token, 'a value');
    if (text === 'true' || text === 'false') return { text, column, value: text === 'true', form: 'json' };
    if (text === 'null') return { text, column, value: null, form: 'json' };
    const number = numberIn(text);
    if (number !== undefined) return { text, column, value: number, form: 'json' };
    return { text, column, value: text, form: 'bare' };
  }

  #isWord(keyword: string): boolean {
    const token = this.#peek();
    return token.kind === 'word' && token.text.toLowerCase() === keyword;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

function unexpected(token: Token, wanted: string): Error {
  const found = token.kind === 'end' ? 'the end' : token.kind === 'string' ? 'a string' : quoted(token.text);
  return refuse('SCIM_FILTER', { reason: `column ${token.column}: expected ${wanted}, found ${found}` });
}
