/**
 * The key under which strings of `caseExact: false` are equal: userName, displayName, e-mail addresses (RFC 7643 §2.2, RFC 8265 §3.3).
 * Full-width letters, the Kelvin sign and composed letters fold to their plain twins. Nothing is trimmed.
 */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** The text a string is compared by: folded unless the attribute is case-exact. */
export function comparisonKey(text: string, caseExact: boolean): string {
  return caseExact ? text : fold(text);
}
