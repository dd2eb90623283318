/**
 * What stands before the colon of a database's URL, to name it in a refusal. `host=… password=…` has no scheme, and nothing of
 * such a text is quoted: it may hold a password.
 */
export function databaseScheme(url: string): string {
  return /^[a-z][a-z0-9+.-]*(?=:)/i.exec(url)?.[0] ?? '(no URL)';
}
