import { canonical, seal } from '../access/canonical.ts';

/** Digests of personal values under a key and a salt of their own: who has the ledger alone cannot even guess them. */
export function digestsOf(
  key: Uint8Array,
  salt: string,
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, seal(key, { purpose: 'personal', salt, name, value })]),
  );
}

/** Whether values that are kept are the ones that were recorded. */
export function sameValues(key: Uint8Array, salt: string, text: string, digests: string): boolean {
  try {
    const values = JSON.parse(text) as Record<string, string>;
    return canonical(values) === text && canonical(digestsOf(key, salt, values)) === digests;
  } catch {
    return false;
  }
}
