import type { Migration } from './migration.ts';

/**
 * Letters that servers with an older Unicode leave as they are: all that got a lower case (one of them, a compatible form) from
 * Unicode 11 to 17, which is what Node.js 26 has. First, last, distance, what becomes of the first.
 */
const YOUNG: readonly (readonly [number, number, 1 | 2, number])[] = [
  [0x1c89, 0x1c89, 1, 0x1c8a],
  [0x1c90, 0x1cba, 1, 0x10d0],
  [0x1cbd, 0x1cbf, 1, 0x10fd],
  [0x2c2f, 0x2c2f, 1, 0x2c5f],
  [0xa7b8, 0xa7c2, 2, 0xa7b9],
  [0xa7c4, 0xa7c4, 1, 0xa794],
  [0xa7c5, 0xa7c5, 1, 0x282],
  [0xa7c6, 0xa7c6, 1, 0x1d8e],
  [0xa7c7, 0xa7c9, 2, 0xa7c8],
  [0xa7cb, 0xa7cb, 1, 0x264],
  [0xa7cc, 0xa7da, 2, 0xa7cd],
  [0xa7dc, 0xa7dc, 1, 0x19b],
  [0xa7f1, 0xa7f1, 1, 0x73],
  [0xa7f5, 0xa7f5, 1, 0xa7f6],
  [0x10570, 0x1057a, 1, 0x10597],
  [0x1057c, 0x1058a, 1, 0x105a3],
  [0x1058c, 0x10592, 1, 0x105b3],
  [0x10594, 0x10595, 1, 0x105bb],
  [0x10d50, 0x10d65, 1, 0x10d70],
  [0x16e40, 0x16e5f, 1, 0x16e60],
  [0x16ea0, 0x16eb8, 1, 0x16ebb],
];

function letters(of: (letter: number, first: number, to: number) => number): string {
  return YOUNG.flatMap(([first, last, distance, to]) =>
    Array.from({ length: (last - first) / distance + 1 }, (_, n) => of(first + n * distance, first, to)),
  )
    .map((letter) => String.fromCodePoint(letter))
    .join('');
}

/** The letters, and what becomes of each. */
export const YOUNG_LETTERS = {
  from: letters((letter) => letter),
  to: letters((letter, first, to) => letter - first + to),
} as const;

/** `fold`, whatever the server knows of the letters `from`: they become those of `to`. */
export function foldWith({ from, to }: { readonly from: string; readonly to: string }): string {
  return `CREATE OR REPLACE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length($1) = char_length($1) THEN lower($1 COLLATE "C") COLLATE "C"
    ELSE normalize(lower(translate(normalize($1, NFKC), '${from}',
      '${to}') COLLATE "und-x-icu"), NFKC) COLLATE "C" END $$`;
}

/** `fold` comes to the same on every server, whatever Unicode its ICU has. */
export const folding: Migration = { id: 12, name: 'folding', postgres: [foldWith(YOUNG_LETTERS)], up: [] };
