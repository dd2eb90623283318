import { fold } from '../access/fold.ts';

export { fold };

/** The text a string is compared by: folded unless the attribute is case-exact (RFC 7643 §2.2). */
export function comparisonKey(text: string, caseExact: boolean): string {
  return caseExact ? text : fold(text);
}
