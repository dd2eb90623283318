const PLAIN = /^[A-Za-z0-9_@%+=:,./{}-]+$/;

/** A word that a POSIX shell takes as it is: names in remedies come from strangers, and remedies are pasted. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
