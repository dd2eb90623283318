import { LineCounter, parseDocument } from 'yaml';
import type { Finding } from '../../access/finding.ts';
import { lineOfUndecoded } from '../../config/undecoded.ts';
import { firstKey, keyOffsets } from '../../config/yamlKeys.ts';
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
  // The first that stands twice, or that JavaScript would lose.
  const wrong = firstKey(parsed.contents, (name, before) => before.has(name) || name === '__proto__');
  if (wrong !== undefined) {
    const at = { file, line: lines.linePos(wrong.offset).line };
    return wrong.key === '__proto__'
      ? found('policy.unknown-key', wrong.key, `Unknown key ${wrong.key}.`, at)
      : found('policy.duplicate', wrong.key, `The key ${wrong.key} stands twice in one mapping.`, at);
  }
  const offsetOf = keyOffsets(parsed.contents);
  const place = (path: PropertyPath): Place => {
    const offset = offsetOf(path);
    return { file, line: offset === undefined ? 1 : lines.linePos(offset).line };
  };
  try {
    return { file, value: parsed.toJS({ maxAliasCount: MAX_ALIASES }) ?? {}, place };
  } catch (error) {
    return found('policy.alias', file, (error as Error).message.split('\n')[0] ?? '', { file, line: 1 });
  }
}

function unquotedHint(line: string): string {
  return /(^|[\s:[,-])\{[A-Za-z][\w-]*\}/.test(line) ? ' (text with a {capture} has to be in quotes)' : '';
}
