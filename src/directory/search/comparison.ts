import { sql } from 'kysely';
import { fold, hasSigma, oneSigma } from '../../access/fold.ts';
import type { AttributePath, CompareOperator } from '../../scim/filter/filter.ts';
import { begins, contains, endsWith, foldedText, oneSigma as oneSigmaIn } from '../../store/sql/texts.ts';
import type { Condition, Expression } from './home.ts';

type Operator = Exclude<CompareOperator, 'ne'>;

const ORDER = { gt: sql`>`, ge: sql`>=`, lt: sql`<`, le: sql`<=` };

/** A stored value and whether it is folded already (a `_key` column). */
export interface Stored {
  readonly value: Expression;
  readonly folded?: boolean;
  /** There always is one, and no two rows of a connection share it: an index has them in their order. */
  readonly unique?: boolean;
}

/**
 * One comparison, with the verdict of `compares` in scim: strings folded unless case-exact, ordered as UTF-8; a missing value
 * fulfils nothing. No LIKE: nothing in a value is a pattern.
 */
export function comparison(
  { value, folded = false }: Stored,
  operator: Operator,
  wanted: string | number | boolean | null,
  path: Pick<AttributePath, 'type' | 'caseExact'>,
): Condition {
  if (typeof wanted !== 'string') return wanted === null ? sql`false` : scalar(value, operator, Number(wanted));
  const exact = path.caseExact || path.type === 'dateTime';
  const stored = exact || folded ? value : foldedText(value);
  const key = exact ? wanted : fold(wanted);
  if (exact || !hasSigma(key)) return text(stored, operator, key);
  switch (operator) {
    case 'sw':
      return startsWithSigma(stored, key);
    case 'co':
    case 'ew':
      return text(oneSigmaIn(stored), operator, oneSigma(key));
    default:
      return text(stored, operator, key);
  }
}

/** The range goes as far as the first sigma: behind it either of the two may stand. */
function startsWithSigma(stored: Expression, prefix: string): Condition {
  const part = oneSigma(prefix);
  const before = part.slice(0, part.indexOf('σ'));
  const wanted = begins(oneSigmaIn(stored), part);
  return before === '' ? wanted : sql`(${startsWith(stored, before)} AND ${wanted})`;
}

function scalar(stored: Expression, operator: Operator, wanted: number): Condition {
  if (operator === 'eq') return sql`${stored} = ${wanted}`;
  return operator in ORDER ? sql`${stored} ${ORDER[operator as keyof typeof ORDER]} ${wanted}` : sql`false`;
}

function text(stored: Expression, operator: Operator, wanted: string): Condition {
  switch (operator) {
    case 'eq':
      return sql`${stored} = ${wanted}`;
    case 'co':
      return contains(stored, wanted);
    case 'sw':
      return startsWith(stored, wanted);
    case 'ew':
      return wanted === '' ? sql`${stored} IS NOT NULL` : endsWith(stored, wanted);
    default:
      return sql`${stored} ${ORDER[operator]} ${wanted}`;
  }
}

/** As a range, which an index can answer: everything from the prefix up to what follows it. */
function startsWith(stored: Expression, prefix: string): Condition {
  const end = successor(prefix);
  return end === undefined ? sql`${stored} >= ${prefix}` : sql`(${stored} >= ${prefix} AND ${stored} < ${end})`;
}

/** The first text, ordered by code point, that comes after all that start with `prefix`; undefined if there is none. */
export function successor(prefix: string): string | undefined {
  const points = [...prefix.toWellFormed()];
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    if (last === 0x10ffff) continue;
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return points.join('') + String.fromCodePoint(next);
  }
  return undefined;
}
