/**
 * The form in which names are compared where SCIM says `caseExact: false`, and in which userName is unique (RFC 7643 §4.1.1,
 * RFC 8265 in spirit): compatibility composition and lower case. The database calls it as `fold(text)`, so that SQL and
 * TypeScript come to the same verdict.
 */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}
