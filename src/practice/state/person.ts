import type { Random } from '../../access/ports/random.ts';

/** An API token; `value` is what its owner sends. */
export interface Token {
  readonly uuid: string;
  readonly name: string;
  readonly value: string;
  readonly legacy: boolean;
  /** Milliseconds since the epoch; absent of a secret that no token stands for. */
  readonly created?: number;
  /** Milliseconds since the epoch. */
  readonly lastUse?: number;
  /** How often it was used; absent where it never was. */
  readonly uses?: number;
}

/** A user record with its properties; replaced, never changed. */
export interface Person {
  /** The spelling of whoever created it first. */
  readonly id: string;
  readonly fullName: string;
  readonly tokens: readonly Token[];
  /** ApiTokenProperty's old secret field: a legacy token comes back from it when the record is read from disk. */
  readonly legacySecret?: string;
  readonly sshKeys: readonly string[];
  /** Local realm. */
  readonly password?: string;
  /** UserSeedProperty: sessions carry the seed they began with. */
  readonly seed: string;
  /** LastGrantedAuthoritiesProperty. */
  readonly groups?: readonly string[];
  readonly credentials: number;
}

/** The name that Jenkins gives a token made of a legacy secret (ApiTokenStore). */
export const LEGACY_NAME = 'Legacy Token';

/** What nobody can guess, with the version of its kind before it (ApiTokenStore). */
export function newToken(random: Random, name: string, created: number, legacy: boolean): Token {
  const value = `11${Buffer.from(random.bytes(16)).toString('hex')}`;
  return { uuid: random.id(), name, value, legacy, created };
}

/** The tokens as scripts see them: a legacy secret that no token stands for is one too. */
export function tokensOf(person: Person): readonly Token[] {
  const { legacySecret, tokens } = person;
  if (legacySecret === undefined || tokens.some((token) => token.legacy)) return tokens;
  return [...tokens, { uuid: '', name: 'legacy', value: legacySecret, legacy: true }];
}

/** What reading a record from disk does (ApiTokenProperty.setUser): a legacy secret without its token makes the token anew. */
export function readFromDisk(person: Person, uuid: () => string, now: number): Person {
  const { legacySecret } = person;
  if (legacySecret === undefined || person.tokens.some((token) => token.legacy)) return person;
  const token: Token = { uuid: uuid(), name: LEGACY_NAME, value: legacySecret, legacy: true, created: now };
  return { ...person, tokens: [...person.tokens, token] };
}
