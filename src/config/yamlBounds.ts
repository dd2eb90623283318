import { CST, Lexer } from 'yaml';

const MAX_DEPTH = 24;
const MAX_INDENT = 400;
const MAX_TOKENS = 400_000;
const MAX_TOKEN = 16_384;

/** Why a text is not given to the parser, and the line; keeps its time linear and its recursion short. Nothing a file of ours needs comes near. */
export function outOfBounds(text: string): { readonly line: number; readonly reason: string } | undefined {
  let line = 1;
  let depth = 0;
  let marks = 0;
  let tokens = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (++tokens > MAX_TOKENS) return { line, reason: `It holds more than ${MAX_TOKENS} words and signs.` };
    if (token.length > MAX_TOKEN) return { line, reason: `A text is longer than ${MAX_TOKEN} characters.` };
    if (type === 'newline') marks = 0;
    else if (type === 'seq-item-ind' || type === 'explicit-key-ind') marks++;
    else if (type === 'flow-seq-start' || type === 'flow-map-start') depth++;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') depth = Math.max(0, depth - 1);
    else if (type === 'space' && token.length > MAX_INDENT)
      return { line, reason: `More than ${MAX_INDENT} spaces stand in a row.` };
    if (depth > MAX_DEPTH || marks > MAX_DEPTH) return { line, reason: `It is nested deeper than ${MAX_DEPTH}.` };
    for (let at = token.indexOf('\n'); at !== -1; at = token.indexOf('\n', at + 1)) line++;
  }
  return undefined;
}
