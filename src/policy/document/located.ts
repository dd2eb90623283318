import type { Finding } from '../../access/finding.ts';
import { lineOfUndecoded } from '../../config/undecoded.ts';
import { type NoYaml, readYaml } from '../../config/yaml.ts';
import { found, type Place } from '../finding.ts';
import type { PolicyFile } from '../policy.ts';

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
  const yaml = readYaml(text);
  if ('kind' in yaml) return unreadable(yaml, file, text);
  const place = (path: PropertyPath): Place => ({ file, line: yaml.lineOf(path) ?? 1 });
  try {
    return { file, value: yaml.document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {}, place };
  } catch (error) {
    return found('policy.alias', file, (error as Error).message.split('\n')[0] ?? '', { file, line: 1 });
  }
}

function unreadable({ kind, line, reason }: NoYaml, file: string, text: string): Finding {
  const at = { file, line };
  switch (kind) {
    case 'too-large':
      return found('policy.too-large', file, reason, at);
    case 'several':
      return found('policy.syntax', file, 'A second document begins here (`---`); a file holds one.', at);
    case 'proto':
      return found('policy.unknown-key', reason, `Unknown key ${reason}.`, at);
    case 'duplicate':
      return found('policy.duplicate', reason, `The key ${reason} stands twice in one mapping.`, at);
    default:
      return found('policy.syntax', file, `${reason}${unquotedHint(text.split('\n', line)[line - 1] ?? '')}`, at);
  }
}

function unquotedHint(line: string): string {
  return /(^|[\s:[,-])\{[A-Za-z][\w-]*\}/.test(line) ? ' (text with a {capture} has to be in quotes)' : '';
}
