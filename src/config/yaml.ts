import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { outOfBounds } from './yamlBounds.ts';

/** A YAML document that still knows its lines. */
interface Yaml {
  readonly document: Document;
  /** The line, from 1, of what stands at an offset. */
  line(offset: number): number;
  /** The line of the deepest key of the path that is in the document. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** Why a text is no document of ours; `proto` is a key that JavaScript would lose. */
export interface NoYaml {
  readonly kind: 'too-large' | 'syntax' | 'several' | 'duplicate' | 'proto';
  readonly line: number;
  /** The key for `duplicate` and `proto`, the parser's words for `syntax`. */
  readonly reason: string;
}

/** Reads one YAML document in linear time. Never throws, whatever the text. */
export function readYaml(text: string): Yaml | NoYaml {
  const bounds = outOfBounds(text);
  if (bounds !== undefined) return { kind: 'too-large', ...bounds };
  const lines = new LineCounter();
  const line = (offset: number): number => lines.linePos(offset).line;
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    version: '1.2',
    merge: false,
    prettyErrors: false,
    stringKeys: true,
  });
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken !== undefined) {
    const kind = broken.code === 'MULTIPLE_DOCS' ? 'several' : 'syntax';
    return { kind, line: line(broken.pos[0]), reason: broken.message.split('\n')[0] ?? '' };
  }
  const wrong = wrongKey(document.contents);
  if (wrong !== undefined) {
    const kind = wrong.key === '__proto__' ? 'proto' : 'duplicate';
    return { kind, line: line(wrong.offset), reason: wrong.key };
  }
  const known = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const pairsOf = (map: YAMLMap): ReadonlyMap<string, Pair> => {
    const pairs = known.get(map) ?? pairsByKey(map);
    known.set(map, pairs);
    return pairs;
  };
  const lineOf = (path: readonly PropertyKey[]): number | undefined => {
    const offset = keyOffset(document.contents, path, pairsOf);
    return offset === undefined ? undefined : line(offset);
  };
  return { document, line, lineOf };
}

/** The first key that stands twice in one mapping, or that JavaScript would lose; linear, where the parser's own check is quadratic. */
function wrongKey(root: unknown): { readonly key: string; readonly offset: number } | undefined {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isSeq(node)) for (const item of node.items.toReversed()) open.push(item);
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const name = String(key.value);
      if (seen.has(name) || name === '__proto__') return { key: name, offset: key.range?.[0] ?? 0 };
      seen.add(name);
      if (value !== null) open.push(value);
    }
  }
  return undefined;
}

function pairsByKey({ items }: YAMLMap): Map<string, Pair> {
  return new Map(items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])));
}

function keyOffset(
  root: Node | null,
  path: readonly PropertyKey[],
  pairsOf: (map: YAMLMap) => ReadonlyMap<string, Pair>,
): number | undefined {
  let node: unknown = root;
  let offset: number | undefined;
  for (const key of path) {
    if (isAlias(node)) return offset;
    if (isMap(node)) {
      const pair = pairsOf(node).get(String(key));
      if (pair === undefined) return offset;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      node = node.items[key];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
