import { ANY, type Charset, DIGIT, disjoint, negated, ranges, single, WORD } from './charset.ts';

/** A regular expression taken apart. */
export type Node =
  | { readonly kind: 'set'; readonly set: Charset }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'either'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly body: Node; readonly min: number; readonly max: number };

/** Why an expression is refused; says what and where. */
export class RegexProblem extends Error {}

const MAX_LENGTH = 200;
const MAX_DEPTH = 10;
const MAX_COUNT = 255;
const PUNCTUATION = /^[-!"#$%&'()*+,./:;<=>?@[\\\]^_`{|}~ ]$/;

/**
 * Parses the part of the common regex language that stays linear: literals, `.`, classes, `\d` `\w`, groups, `|` and `* + ? {n,m}`.
 * No flags, anchors, references, look-around, lazy or possessive repetition, and no repetition in which the text of one round can be
 * that of two. @throws RegexProblem
 */
export function parseRegex(source: string): Node {
  if (source.length === 0) throw new RegexProblem('it is empty');
  if (source.length > MAX_LENGTH) throw new RegexProblem(`it is longer than ${MAX_LENGTH} characters`);
  const parser = new Parser(source);
  const node = parser.either(0);
  if (!parser.done) throw new RegexProblem(`an unmatched ) at column ${parser.column}`);
  return node;
}

class Parser {
  #at = 0;
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  get done(): boolean {
    return this.#at >= this.#source.length;
  }

  get column(): number {
    return this.#at + 1;
  }

  either(depth: number): Node {
    if (depth > MAX_DEPTH) throw new RegexProblem(`groups are nested deeper than ${MAX_DEPTH}`);
    const options = [this.#sequence(depth)];
    while (this.#take('|')) options.push(this.#sequence(depth));
    return options.length === 1 ? options[0]! : { kind: 'either', options };
  }

  #sequence(depth: number): Node {
    const items: Node[] = [];
    while (!this.done && this.#peek() !== '|' && this.#peek() !== ')') items.push(this.#repeated(depth));
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  }

  #repeated(depth: number): Node {
    const column = this.column;
    const body = this.#atom(depth);
    const count = this.#count();
    if (count === undefined) return body;
    if (/^[?+*{]$/.test(this.#peek())) throw new RegexProblem(`a repetition of a repetition at column ${this.column}`);
    const [min, max] = count;
    if (max > 1 && isAmbiguousLoop(body))
      throw new RegexProblem(`a nested repetition at column ${column} whose rounds cannot be told apart`);
    return { kind: 'repeat', body, min, max };
  }

  #count(): [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    if (this.#peek() !== '{') return undefined;
    const match = /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(this.#source.slice(this.#at));
    if (match === null) throw new RegexProblem(`a { without a count at column ${this.column}`);
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (min > MAX_COUNT || (max > MAX_COUNT && max !== Number.POSITIVE_INFINITY) || max < min || max === 0)
      throw new RegexProblem(`a count that is not 1 to ${MAX_COUNT} at column ${this.column}`);
    this.#at += match[0].length;
    return [min, max];
  }

  #atom(depth: number): Node {
    const column = this.column;
    const character = this.#next();
    switch (character) {
      case '(': {
        if (this.#take('?') && !this.#take(':')) throw new RegexProblem(`a (? at column ${column} that is not (?:`);
        const inner = this.either(depth + 1);
        if (!this.#take(')')) throw new RegexProblem(`a ( without its ) at column ${column}`);
        return inner;
      }
      case '[':
        return { kind: 'set', set: this.#class(column) };
      case '.':
        return { kind: 'set', set: ANY };
      case '\\':
        return { kind: 'set', set: this.#escape(column) };
      case '^':
      case '$':
        throw new RegexProblem(`an anchor at column ${column}; the whole value has to match anyway`);
      case '*':
      case '+':
      case '?':
      case '{':
      case '}':
      case ']':
        throw new RegexProblem(`a ${character} with nothing before it at column ${column}`);
      default:
        return { kind: 'set', set: single(character.charCodeAt(0)) };
    }
  }

  #class(column: number): Charset {
    const inverse = this.#take('^');
    const list: [number, number][] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.done) throw new RegexProblem(`a [ without its ] at column ${column}`);
      const start = this.#classItem();
      if (
        this.#peek() !== '-' ||
        this.#source[this.#at + 1] === ']' ||
        start.length > 1 ||
        start[0]![0] !== start[0]![1]
      ) {
        list.push(...start.map(([low, high]): [number, number] => [low, high]));
        continue;
      }
      this.#at++;
      const end = this.#classItem();
      const [low, high] = [start[0]![0], end[0]![1]];
      if (end.length > 1 || end[0]![0] !== high || high < low)
        throw new RegexProblem(`a range that has no order at column ${this.column}`);
      list.push([low, high]);
    }
    this.#at++;
    const set = ranges(list);
    return inverse ? negated(set) : set;
  }

  #classItem(): Charset {
    const column = this.column;
    const character = this.#next();
    if (character === '\\') return this.#escape(column);
    if (character === '[' || (character === '&' && this.#peek() === '&'))
      throw new RegexProblem(`a class within a class at column ${column}`);
    return single(character.charCodeAt(0));
  }

  #escape(column: number): Charset {
    const character = this.#next();
    if (character === 'd') return DIGIT;
    if (character === 'w') return WORD;
    if (PUNCTUATION.test(character)) return single(character.charCodeAt(0));
    throw new RegexProblem(`an escape \\${character} at column ${column}; \\d, \\w and punctuation are known`);
  }

  #peek(): string {
    return this.#source[this.#at] ?? '';
  }

  #next(): string {
    if (this.done) throw new RegexProblem('it ends too early');
    return this.#source[this.#at++]!;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }
}

/** A loop is told apart when it repeats nothing inside, or each round starts or ends with a character that occurs nowhere else in it. */
function isAmbiguousLoop(body: Node): boolean {
  if (!repeatsInside(body)) return false;
  if (body.kind !== 'sequence') return true;
  const separates = (index: number): boolean => {
    const mark = body.items.at(index)!;
    const rest = body.items.filter((item) => item !== mark);
    return mark.kind === 'set' && rest.every((item) => setsOf(item).every((set) => disjoint(set, mark.set)));
  };
  return !separates(0) && !separates(-1);
}

function repeatsInside(node: Node): boolean {
  if (node.kind === 'set') return false;
  if (node.kind === 'repeat') return node.max > 1 || repeatsInside(node.body);
  return children(node).some(repeatsInside);
}

function setsOf(node: Node): Charset[] {
  return node.kind === 'set' ? [node.set] : children(node).flatMap(setsOf);
}

function children(node: Exclude<Node, { kind: 'set' }>): readonly Node[] {
  return node.kind === 'sequence' ? node.items : node.kind === 'either' ? node.options : [node.body];
}
