/** Sorted, disjoint ranges of UTF-16 units, both ends included. */
export type Charset = readonly (readonly [number, number])[];

export const ANY: Charset = [
  [0, 9],
  [11, 12],
  [14, 0xffff],
];

export const DIGIT: Charset = ranges([[48, 57]]);
export const WORD: Charset = ranges([
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
]);

/** Puts ranges in order and joins those that touch. */
export function ranges(list: Charset): Charset {
  const sorted = list.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const joined: [number, number][] = [];
  for (const [low, high] of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else joined.push([low, high]);
  }
  return joined;
}

export function single(unit: number): Charset {
  return [[unit, unit]];
}

/** Everything that is not in the set. */
export function negated(set: Charset): Charset {
  const rest: [number, number][] = [];
  let from = 0;
  for (const [low, high] of set) {
    if (low > from) rest.push([from, low - 1]);
    from = high + 1;
  }
  if (from <= 0xffff) rest.push([from, 0xffff]);
  return rest;
}

export function includes(set: Charset, unit: number): boolean {
  return set.some(([low, high]) => unit >= low && unit <= high);
}

export function disjoint(a: Charset, b: Charset): boolean {
  return a.every(([low, high]) => b.every(([from, to]) => high < from || to < low));
}
