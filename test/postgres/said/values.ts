import fc from 'fast-check';
import type { Json } from '../../server/scim/world.ts';

/** Signs that a database may fold, sort, cut, escape or refuse in its own way. */
const SIGNS = [
  ...[
    'a',
    'A',
    'ß',
    'ẞ',
    'İ',
    'ı',
    'Σ',
    'σ',
    'ς',
    'ﬁ',
    'é',
    'e\u0301',
    'Ǆ',
    '\u0345',
    '\u212a',
    '①',
    '가',
    '\u1100\u1161',
  ],
  ...['\u0001', '\u001f', '\u007f', '\u0085', '\u00a0', '\u200b', '\u200d', '\u202e', '\ufeff', '\ufffd', '\uffff'],
  ...['\ud7ff', '\u{10000}', '\u{10ffff}', '😀', '👨\u200d👩', ' ', '\t', '\n', '\r', '%', '_', '\\'],
  ...[
    '"',
    "'",
    '$1',
    '?',
    ':a',
    '{',
    '}',
    ',',
    ';',
    '--',
    '/*',
    'NULL',
    'null',
    'true',
    '0',
    '1e5',
    '\u0660',
    'x'.repeat(200),
  ],
];
export const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...SIGNS) },
  { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...SIGNS), maxLength: 5 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.toWellFormed()) },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(512), 'é'.repeat(512), 'x'.repeat(4096), 'x'.repeat(4097), '') },
);
export const number = fc.oneof(
  fc.constantFrom(0, -0, 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), 2 ** 63, 1e21, 1e300, Number.MAX_VALUE, 5e-324, 0.1, 1.5),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);
export const moment = fc.constantFrom(
  ...['2026-11-24T08:00:01Z', '2026-11-24T09:00:01.5+01:00', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z'],
  ...[
    '2026-11-24T23:59:60Z',
    '2024-02-30T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-11-24',
    '2026-11-24T08:00:01-23:59',
  ],
);
export const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 2, arbitrary: number },
  { weight: 1, arbitrary: moment },
  { weight: 2, arbitrary: fc.constantFrom<Json>(true, false, null, [], {}, '@u0@', '@u1@', '@g0@', 'True') },
);
export const solid = (given: object): Json =>
  Object.fromEntries(Object.entries(given).filter(([, item]) => item !== undefined));
export const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

export const line = text.map((given) => given.replace(/\p{C}/gu, '.').slice(0, 512).toWellFormed());
