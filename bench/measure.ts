/** One figure beside its floor and its goal. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB' | 'saves' | 'x' | '/s' | 'lost';
  /** The same work without the service, measured in the same run. */
  readonly floor?: { readonly what: string; readonly value: number };
  /** Holds where it is given. */
  readonly goal?: { readonly text: string; readonly holds: boolean };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function below(limit: number, value: number, text: string): NonNullable<Figure['goal']> {
  return { text, holds: value < limit };
}

/** The figures as a table of at most 100 columns. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, floor, goal }) => [
    name,
    `${round(value)} ${unit}`,
    floor === undefined ? '' : `${round(floor.value)} (${floor.what})`,
    floor === undefined || floor.value === 0 ? '' : `${round(value / floor.value)} x`,
    goal === undefined ? '' : `${goal.text} ${goal.holds ? 'ok' : 'MISSED'}`,
  ]);
  const all = [['measure', 'value', 'floor', 'ratio', 'goal'], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return `${all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
