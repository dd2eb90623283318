/** Of what an operator did before names were kept, and where nobody can be named. */
export const OPERATOR = 'operator';

/** What a name may consist of: nothing that could be taken for the account behind it. */
const NAME = /^[\p{L}\p{N}._@+\\-]{1,64}$/u;

/** Where a process takes its files from, and who runs it: for the ledger. Names only, no values. */
export interface RunBy {
  /** The account of the operating system. */
  readonly user: string;
  readonly host: string;
  /** Of the package that runs. */
  readonly version?: string;
  /** The configuration, absolute. */
  readonly file?: string;
  /** Environment variables that override it, by name. */
  readonly variables?: readonly string[];
}

export function isOperatorName(text: string): boolean {
  return NAME.test(text);
}

/**
 * An operator as the ledger says it: `operator:ana`. A name that somebody gave (`--by`) stands before the account that it was given
 * from, `operator:ana (root)`: the first is said, the second is known.
 */
export function operatorCalled(account: string, by?: string): string {
  const known = [...account.replace(/[^\p{L}\p{N}._@+\\-]/gu, '_')].slice(0, 64).join('');
  if (by === undefined || by === known) return known === '' ? OPERATOR : `${OPERATOR}:${known}`;
  return known === '' ? `${OPERATOR}:${by}` : `${OPERATOR}:${by} (${known})`;
}
