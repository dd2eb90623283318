import type { Outcome } from './case.ts';

/** Case, result, milliseconds, remark. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((one) => [one.name, one.result, String(Math.round(one.milliseconds)), one.remark]);
  const all = [['case', 'result', 'ms', ''], ...rows];
  const width = (column: number): number => Math.max(...all.map((row) => [...row[column]!].length));
  const [names, results, times] = [width(0), width(1), width(2)];
  return all
    .map(([name, result, ms, remark]) =>
      `${name!.padEnd(names)}  ${result!.padEnd(results)}  ${ms!.padStart(times)}  ${remark}`.trimEnd(),
    )
    .join('\n');
}
