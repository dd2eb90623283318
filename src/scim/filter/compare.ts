import { comparisonKey, partKey } from '../fold.ts';
import type { AttributePath, CompareOperator } from './filter.ts';

/** Makes the texts that are compared. */
export interface Keys {
  readonly whole: (text: string, caseExact: boolean) => string;
  /** Of parts, and of texts they are looked for in. */
  readonly part: (text: string, caseExact: boolean) => string;
}

const FRESH: Keys = { whole: comparisonKey, part: partKey };

/** Keys that are made once of each text, for many comparisons with the same ones. */
export function rememberedKeys(): Keys {
  return { whole: remembered(comparisonKey), part: remembered(partKey) };
}

function remembered(keyOf: Keys['whole']): Keys['whole'] {
  const known = new Map<string, string>();
  return (text, caseExact) => {
    if (caseExact) return text;
    let key = known.get(text);
    if (key === undefined) {
      key = keyOf(text, false);
      known.set(text, key);
    }
    return key;
  };
}

/**
 * Whether one stored value fulfils a comparison other than `ne` (which is the opposite of `eq` over all values).
 * Strings: folded unless case-exact, ordered as UTF-8. Values of another type never match.
 */
export function compares(
  stored: unknown,
  operator: Exclude<CompareOperator, 'ne'>,
  value: string | number | boolean | null,
  path: Pick<AttributePath, 'caseExact' | 'type'>,
  keys: Keys = FRESH,
): boolean {
  if (typeof stored === 'string' && typeof value === 'string') {
    const exact = path.caseExact || path.type === 'dateTime';
    const keyOf = operator === 'co' || operator === 'sw' || operator === 'ew' ? keys.part : keys.whole;
    return text(keyOf(stored, exact), operator, keyOf(value, exact));
  }
  if (typeof stored === 'number' && typeof value === 'number') return ordered(Math.sign(stored - value), operator);
  return operator === 'eq' && stored === value;
}

function text(stored: string, operator: Exclude<CompareOperator, 'ne'>, value: string): boolean {
  switch (operator) {
    case 'eq':
      return stored === value;
    case 'co':
      return stored.includes(value);
    case 'sw':
      return stored.startsWith(value);
    case 'ew':
      return stored.endsWith(value);
    default:
      return ordered(compareText(stored, value), operator);
  }
}

function ordered(sign: number, operator: Exclude<CompareOperator, 'ne'>): boolean {
  switch (operator) {
    case 'eq':
      return sign === 0;
    case 'gt':
      return sign > 0;
    case 'ge':
      return sign >= 0;
    case 'lt':
      return sign < 0;
    case 'le':
      return sign <= 0;
    default:
      return false;
  }
}

/** Order of UTF-8 bytes, as databases have it: negative, zero or positive. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
