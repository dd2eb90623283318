const ASCII = /^[\u0000-\u007f]*$/;

/**
 * The form in which names are compared where SCIM says `caseExact: false`, and in which userName is unique (RFC 7643 §4.1.1,
 * RFC 8265): compatibility composition and lower case. On every name that UsernameCaseMapped accepts it is what that profile makes
 * of it (docs/decisions/010). The database calls it as `fold(text)`, so that SQL and TypeScript come to the same verdict.
 */
export function fold(text: string): string {
  // Nothing of it is composed of anything: a tenth of the time.
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/**
 * A folded text with one small sigma in the place of two. Which of them a capital one becomes depends on what stands beside it, and a part
 * of a text does not know that: parts are compared so, whole texts are not.
 */
export function oneSigma(folded: string): string {
  return folded.replaceAll('ς', 'σ');
}

/** Whether a folded text is another one with one sigma. */
export function hasSigma(folded: string): boolean {
  return folded.includes('σ') || folded.includes('ς');
}
