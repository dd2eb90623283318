import type { Steps } from './breather.ts';

/** Items that are looked at in one step: a few milliseconds, whatever is done with each. */
export const A_STEP = 2_500;

/** Runs something over everything there is, `A_STEP` items in a step; more than that end with a place to stop at, too. */
export function* inSteps<T>(items: Iterable<T>, run: (item: T) => void): Steps<void> {
  let looked = 0;
  for (const item of items) {
    if (looked > 0 && looked % A_STEP === 0) yield;
    run(item);
    looked += 1;
  }
  if (looked > A_STEP) yield;
}

/** `filter` in steps. */
export function filteredInSteps<T, S extends T>(items: Iterable<T>, keep: (item: T) => item is S): Steps<S[]>;
export function filteredInSteps<T>(items: Iterable<T>, keep: (item: T) => boolean): Steps<T[]>;
export function* filteredInSteps<T>(items: Iterable<T>, keep: (item: T) => boolean): Steps<T[]> {
  const found: T[] = [];
  yield* inSteps(items, (item) => {
    if (keep(item)) found.push(item);
  });
  return found;
}

/** `Map.groupBy` in steps. */
export function* groupedInSteps<K, T>(items: Iterable<T>, of: (item: T) => K): Steps<Map<K, T[]>> {
  const groups = new Map<K, T[]>();
  yield* inSteps(items, (item) => {
    const key = of(item);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [item]);
    else known.push(item);
  });
  return groups;
}

/** `flatMap` in steps. */
export function* flatInSteps<T, U>(items: Iterable<T>, of: (item: T) => readonly U[]): Steps<U[]> {
  const found: U[] = [];
  yield* inSteps(items, (item) => {
    for (const one of of(item)) found.push(one);
  });
  return found;
}

/** `toSorted` in steps: each sorts or merges `A_STEP` items. Stable. */
export function* sortedInSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += A_STEP) {
    if (at > 0) yield;
    runs.push(items.slice(at, at + A_STEP).sort(compare));
  }
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      yield;
      const second = runs[at + 1];
      longer.push(second === undefined ? runs[at]! : yield* merged(runs[at]!, second, compare));
    }
    runs = longer;
  }
  if (items.length > A_STEP) yield;
  return runs[0] ?? [];
}

function* merged<T>(first: readonly T[], second: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const found: T[] = [];
  let one = 0;
  let other = 0;
  while (found.length < first.length + second.length) {
    if (found.length > 0 && found.length % A_STEP === 0) yield;
    const ahead = other === second.length || (one < first.length && compare(first[one]!, second[other]!) <= 0);
    found.push(ahead ? first[one++]! : second[other++]!);
  }
  return found;
}
