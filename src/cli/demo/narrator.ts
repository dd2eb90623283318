import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';

/** Something the demo claims, checked when it happens. */
interface Check {
  readonly claim: string;
  readonly holds: boolean;
}

/** Tells the demo in 80 columns and remembers what was checked. */
export interface Narrator {
  readonly checks: readonly Check[];
  /** A numbered chapter. */
  chapter(title: string): void;
  /** A line with a right-hand column. */
  line(text: string, right?: string): void;
  /** A claim with its verdict. */
  check(claim: string, holds: boolean, right?: string): void;
  /** Text as it is. */
  text(text: string): void;
}

const WIDTH = 78;

export function narrator(terminal: Terminal): Narrator {
  const checks: Check[] = [];
  const bold = (text: string): string => (terminal.colour ? `\u001b[1m${text}\u001b[0m` : text);
  const tint = (text: string, holds: boolean): string =>
    terminal.colour ? `\u001b[${holds ? 32 : 31}m${text}\u001b[0m` : text;
  const pad = (text: string, right: string, width = WIDTH): string => {
    const room = width - text.length - right.length;
    return right === '' ? text : room >= 2 ? text + ' '.repeat(room) + right : `${text}  ${right}`;
  };
  let chapters = 0;
  return {
    checks,
    chapter: (title) => {
      chapters += 1;
      terminal.out(`\n${bold(`${chapters}  ${printable(title)}`)}\n`);
    },
    line: (text, right = '') => terminal.out(`${pad(`   ${printable(text)}`, printable(right))}\n`),
    check: (claim, holds, right = '') => {
      checks.push({ claim, holds });
      terminal.out(`${tint(holds ? 'ok ' : 'NO ', holds)}${pad(printable(claim), printable(right), WIDTH - 3)}\n`);
    },
    text: (text) => terminal.out(printable(text)),
  };
}
