/** How text is shown: columns, and whether colour is understood. */
export interface Style {
  readonly width: number;
  readonly colour: boolean;
}

export type Tone = 'plain' | 'add' | 'change' | 'remove' | 'hold' | 'faint' | 'strong';

const CODES: { readonly [T in Exclude<Tone, 'plain'>]: string } = {
  add: '32',
  change: '33',
  remove: '31',
  hold: '35',
  faint: '2',
  strong: '1',
};

/** Colours a whole line; without colour the text says everything. */
export function toned(text: string, tone: Tone, { colour }: Style): string {
  return colour && tone !== 'plain' && text !== '' ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text;
}

/**
 * Breaks a line at spaces so that it fits, later lines indented; a word longer than a line stays whole, so that it can be
 * copied.
 */
export function wrapped(text: string, indent: number, hanging: number, width: number): string[] {
  const room = Math.max(20, width);
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > room) {
      lines.push(line);
      line = ' '.repeat(hanging) + word;
    } else line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
