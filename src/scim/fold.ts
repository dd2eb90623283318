import { fold, oneSigma } from '../access/fold.ts';

export { fold };

/** The text a string is compared by: folded unless the attribute is case-exact (RFC 7643 §2.2). */
export function comparisonKey(text: string, caseExact: boolean): string {
  return caseExact ? text : fold(text);
}

/** The text that parts of a string are looked for in, and the parts themselves. */
export function partKey(text: string, caseExact: boolean): string {
  return caseExact ? text : oneSigma(fold(text));
}
