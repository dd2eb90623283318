import { oneSigma } from './fold.ts';

/** The kinds of entry that role-strategy stores (AuthorizationType.java); `either` is never made by us. */
export type PrincipalType = 'user' | 'group' | 'either';

/** Someone a role can be given to, as Jenkins spells it. */
export interface Principal {
  readonly type: PrincipalType;
  /** The SID: a Jenkins user id or a group name, byte for byte. */
  readonly id: string;
}

/** How a realm compares ids (jenkins.model.IdStrategy). */
export type IdStrategy = 'case-insensitive' | 'case-sensitive' | 'email';

/**
 * Folds an id as the realm does; equal folds are one account. `email` folds the domain only (IdStrategy.CaseSensitiveEmailAddress).
 * Java ends a word elsewhere than JavaScript (`ΝΙΚΟΣ-Α` is `νικοσ-α` to Jenkins), so both small sigmas are one letter here; and until
 * 2.568.2 an entry of `bill` was one of `bıll`, too (SECURITY-3924): ids that may be one account, or share entries, are never two.
 */
export function foldId(id: string, strategy: IdStrategy): string {
  if (strategy === 'case-insensitive') return byCapitals(id.toLowerCase());
  if (strategy === 'case-sensitive') return id;
  const at = id.lastIndexOf('@');
  return at === -1 ? id : id.slice(0, at) + oneSigma(id.slice(at).toLowerCase());
}

/** Each letter by itself, as the small one of its capital: that is how String.compareToIgnoreCase compares. A dotted İ is an i with a dot to JavaScript. */
function byCapitals(lower: string): string {
  if (!/[^\u0000-\u007f]/.test(lower)) return lower;
  const letters = lower.replace(/[^\u0000-\u007f]/gu, (letter) => {
    const capital = letter.toUpperCase();
    return [...capital].length === 1 ? capital.toLowerCase() : letter;
  });
  return letters.replace(/i\u0307+/g, 'i');
}

/** How Spring Security 7 calls the ways of a login, folded. */
const FACTOR = 'factor_';

const RESERVED = new Set(['anonymous', 'authenticated', 'system', 'unknown', 'role_everyone']);

/** Names that can never be a principal (semantics §1). */
export function isReservedId(id: string): boolean {
  const folded = foldId(id.trim(), 'case-insensitive');
  return folded === '' || RESERVED.has(folded) || folded.startsWith(FACTOR) || /[\u0000-\u001f\u007f-\u009f]/.test(id);
}

/**
 * Whether an entry is for everybody: `anonymous` as a principal is asked for everyone, the others are authorities that all have (SidACL,
 * AUTOMATIC_SIDS), or that a login brings whoever it is (`FACTOR_PASSWORD`, Spring Security 7). `USER:authenticated` is nobody.
 */
export function isEverybody({ type, id }: Principal): boolean {
  const folded = foldId(id, 'case-insensitive');
  if (folded === 'anonymous') return true;
  return type !== 'user' && (folded === 'authenticated' || folded === 'role_everyone' || folded.startsWith(FACTOR));
}
