const SCHEME = /^[a-z][a-z0-9+.-]*(?=:)/i;

/** The URL of a database as a variable, or a file of them, may hold it: blanks around it, the scheme in capitals. */
export function databaseUrl(text: string): string {
  return text.trim().replace(SCHEME, (scheme) => scheme.toLowerCase());
}

/**
 * What stands before the colon of a database's URL, to name it in a refusal. `host=… password=…` has no scheme, and nothing of
 * such a text is quoted: it may hold a password.
 */
export function databaseScheme(url: string): string {
  return SCHEME.exec(url)?.[0] ?? '(no URL)';
}
