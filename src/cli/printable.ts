import { printable, printableLine } from '../access/printable.ts';
import { wrapped } from '../plan/print/style.ts';

export { printable, printableLine } from '../access/printable.ts';

/** A document of `--json`: it may be read on a terminal, too. */
export function documentText(document: unknown): string {
  return `${printable(JSON.stringify(document, undefined, 2))}\n`;
}

/** Breaks lines at spaces so that they fit; what is broken off is indented two columns more than its line. */
export function fitted(text: string, width = 80): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const indent = line.length - line.trimStart().length;
      return line.length <= width ? [line] : wrapped(line.slice(indent), indent, indent + 2, width);
    })
    .join('\n');
}

/** Rows as columns, each as wide as its widest cell; the last one is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(printableLine));
  const widths = (shown[0] ?? []).map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  return shown
    .map(
      (row) =>
        `${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  ')}\n`,
    )
    .join('');
}
