import { isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';

/**
 * The first key of a document that `isWrong`, told the keys before it in the same mapping, and where it begins. Linear, where the check of
 * the parser for keys that stand twice is quadratic.
 */
export function firstKey(
  root: unknown,
  isWrong: (name: string, before: ReadonlySet<string>) => boolean,
): { readonly key: string; readonly offset: number } | undefined {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isSeq(node)) for (const item of node.items.toReversed()) open.push(item);
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const name = String(key.value);
      if (isWrong(name, seen)) return { key: name, offset: key.range?.[0] ?? 0 };
      seen.add(name);
      if (value !== null) open.push(value);
    }
  }
  return undefined;
}

/** Finds where the deepest key of a path begins that is in the document; undefined where none is. Each mapping is gone through once. */
export function keyOffsets(root: unknown): (path: readonly PropertyKey[]) => number | undefined {
  const pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const pairOf = (map: YAMLMap, key: PropertyKey): Pair | undefined => {
    const known = pairs.get(map) ?? pairsByKey(map);
    pairs.set(map, known);
    return known.get(String(key));
  };
  return (path) => {
    let node = root;
    let offset: number | undefined;
    for (const key of path) {
      if (isAlias(node)) return offset;
      if (isMap(node)) {
        const pair = pairOf(node, key);
        if (pair === undefined) return offset;
        offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
        node = pair.value;
      } else if (isSeq(node) && typeof key === 'number') {
        node = node.items[key];
        offset = rangeOf(node) ?? offset;
      } else return offset;
    }
    return offset;
  };
}

function rangeOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
}

/** Of a key that stands twice the first. */
function pairsByKey({ items }: YAMLMap): Map<string, Pair> {
  const scalar = items.flatMap((pair): [string, Pair][] =>
    isScalar(pair.key) ? [[String(pair.key.value), pair]] : [],
  );
  return new Map(scalar.toReversed());
}
