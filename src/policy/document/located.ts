import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import type { Finding } from '../../access/finding.ts';
import { lineOfUndecoded } from '../../config/undecoded.ts';
import { found, type Place } from '../finding.ts';
import type { PolicyFile } from '../policy.ts';
import { outOfBounds } from './bounds.ts';

export type PropertyPath = readonly PropertyKey[];

/** A YAML document as plain values that still knows its lines. */
export interface Located {
  readonly file: string;
  readonly value: unknown;
  /** Where the deepest key of the path that is in the document stands. */
  place(path: PropertyPath): Place;
}

const MAX_ALIASES = 100;

/** What is wrong where a file is no UTF-8. */
export function undecoded({ path: file, text }: PolicyFile): Finding | undefined {
  const line = lineOfUndecoded(text);
  if (line === undefined) return undefined;
  return found('policy.syntax', file, 'The file is not UTF-8 here; save it as that.', { file, line });
}

/** Reads one file, or says what is wrong with it. Never throws, whatever the text. */
export function readDocument({ path: file, text }: PolicyFile): Located | Finding {
  const bounds = outOfBounds(text);
  if (bounds !== undefined) return found('policy.too-large', file, bounds.reason, { file, line: bounds.line });
  const lines = new LineCounter();
  const parsed = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    version: '1.2',
    merge: false,
    prettyErrors: false,
    stringKeys: true,
  });
  const broken = parsed.errors[0] ?? parsed.warnings[0];
  if (broken !== undefined) {
    const line = lines.linePos(broken.pos[0]).line;
    if (broken.code === 'MULTIPLE_DOCS')
      return found('policy.syntax', file, 'A second document begins here (`---`); a file holds one.', { file, line });
    const hint = unquotedHint(text.split('\n', line)[line - 1] ?? '');
    return found('policy.syntax', file, `${broken.message.split('\n')[0] ?? ''}${hint}`, { file, line });
  }
  const wrong = wrongKey(parsed.contents);
  if (wrong !== undefined) {
    const at = { file, line: lines.linePos(wrong.offset).line };
    return wrong.key === '__proto__'
      ? found('policy.unknown-key', wrong.key, `Unknown key ${wrong.key}.`, at)
      : found('policy.duplicate', wrong.key, `The key ${wrong.key} stands twice in one mapping.`, at);
  }
  const pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const pairsOf = (map: YAMLMap): ReadonlyMap<string, Pair> => {
    const known = pairs.get(map) ?? pairsByKey(map);
    pairs.set(map, known);
    return known;
  };
  const place = (path: PropertyPath): Place => {
    const offset = keyOffset(parsed.contents, path, pairsOf);
    return { file, line: offset === undefined ? 1 : lines.linePos(offset).line };
  };
  try {
    return { file, value: parsed.toJS({ maxAliasCount: MAX_ALIASES }) ?? {}, place };
  } catch (error) {
    return found('policy.alias', file, (error as Error).message.split('\n')[0] ?? '', { file, line: 1 });
  }
}

/** The first key that stands twice in one mapping, or that JavaScript would lose; linear, where the parser's own check is quadratic. */
function wrongKey(root: unknown): { readonly key: string; readonly offset: number } | undefined {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isSeq(node)) open.push(...node.items.toReversed());
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

function unquotedHint(line: string): string {
  return /(^|[\s:[,-])\{[A-Za-z][\w-]*\}/.test(line) ? ' (text with a {capture} has to be in quotes)' : '';
}

/** Of a key that stands twice the first. */
function pairsByKey({ items }: YAMLMap): Map<string, Pair> {
  const scalar = items.flatMap((pair): [string, Pair][] =>
    isScalar(pair.key) ? [[String(pair.key.value), pair]] : [],
  );
  return new Map(scalar.toReversed());
}

function keyOffset(
  root: Node | null,
  path: PropertyPath,
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
