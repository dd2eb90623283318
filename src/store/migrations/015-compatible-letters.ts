import { foldWith, YOUNG_LETTERS } from './012-folding.ts';
import type { Migration } from './migration.ts';

/**
 * Forms of other letters that came with Unicode 14 to 16: PostgreSQL 13 to 17 normalize by their own tables, which are older. First and
 * last; what each is a form of never changes again (Unicode's stability of normalization).
 */
const FORMS: readonly (readonly [number, number])[] = [
  [0xa7f2, 0xa7f4],
  [0x10781, 0x10785],
  [0x10787, 0x107b0],
  [0x107b2, 0x107ba],
  [0x1ccd6, 0x1ccf9],
  [0x1e030, 0x1e06d],
];

const forms = FORMS.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, n) => String.fromCodePoint(first + n)),
);

/** `fold` comes to the same on every server, whatever Unicode it normalizes by. */
export const compatibleLetters: Migration = {
  id: 15,
  name: 'compatible-letters',
  postgres: [
    foldWith({
      from: YOUNG_LETTERS.from + forms.join(''),
      to: YOUNG_LETTERS.to + forms.map((form) => form.normalize('NFKC')).join(''),
    }),
  ],
  up: [],
};
