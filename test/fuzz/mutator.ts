import type { Prng } from './prng.ts';

/** What parsers stumble over, in the bytes it takes. */
export const TOKENS: readonly string[] = [
  '__proto__',
  '"__proto__":{"active":true},',
  'constructor',
  '"constructor":{"prototype":{"x":1}},',
  'toString',
  'hasOwnProperty',
  '\u0000',
  '\\u0000',
  '\\ud800',
  '\\udfff\\ud800',
  '\u{10ffff}',
  '\u202e',
  '\ufeff',
  '1e999',
  '-0',
  '9007199254740993',
  '0.1e-400',
  '1'.repeat(400),
  'null',
  'true',
  '"True"',
  '[]',
  '{}',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
  '{"a":'.repeat(40),
  '('.repeat(60),
  'not ('.repeat(40),
  '\\'.repeat(40),
  '"',
  "'",
  '%00',
  '%',
  '%2',
  '%zz',
  '%c0%af',
  '%ed%a0%80',
  '../',
  '..%2f',
  ';',
  '--',
  "' OR 1=1 --",
  '\\" or \\"1\\" eq \\"1',
  ' and ',
  ' or not (',
  ' eq ',
  ' pr',
  '[value eq "x"]',
  '[type eq "work" and value pr].value',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager',
  'urn:',
  'members',
  'emails.value',
  'groups',
  'password',
  'meta.lastModified',
  'bulkId:1',
  'W/"1"',
  '*',
  '\r\n',
  '\t',
  '\n'.repeat(30),
  ' '.repeat(200),
];

const BYTES = TOKENS.map((token) => Buffer.from(token));

/** Changes bytes at one to six places: flips, drops, repeats, swaps, and puts in what parsers stumble over; `other` lends pieces. */
export function mutate(bytes: Buffer, other: Buffer, prng: Prng): Buffer {
  let result = bytes;
  for (let left = 1 + prng.below(6); left > 0; left--) result = mutateOnce(result, other, prng);
  return result;
}

function mutateOnce(bytes: Buffer, other: Buffer, prng: Prng): Buffer {
  const at = prng.below(bytes.length + 1);
  const piece = (from: Buffer, longest: number): Buffer => {
    const start = prng.below(from.length + 1);
    return from.subarray(start, start + 1 + prng.below(longest));
  };
  switch (prng.below(9)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (flipped.length > 0) flipped[at % flipped.length]! ^= 1 << prng.below(8);
      return flipped;
    }
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + prng.below(8))]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(prng.below(256)), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), piece(bytes, 40), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), piece(other, 60), bytes.subarray(at + prng.below(40))]);
    case 5:
      return bytes.subarray(0, at);
    case 6:
      return Buffer.concat([bytes.subarray(0, at), prng.pick(BYTES), bytes.subarray(at + prng.below(12))]);
    case 7: {
      const word = piece(bytes, 6);
      return Buffer.concat([
        bytes.subarray(0, at),
        ...Array<Buffer>(1 + prng.below(30)).fill(word),
        bytes.subarray(at),
      ]);
    }
    default:
      return Buffer.concat([bytes.subarray(0, at), prng.pick(BYTES), bytes.subarray(at)]);
  }
}
