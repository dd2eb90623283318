import type { Meaning } from './compile.ts';
import { found } from './finding.ts';
import type { Policy, Rule } from './policy.ts';
import type { RuleFinding } from './ruleFinding.ts';

/** Which values of captures may be used. */
export interface Limits {
  allows(meaning: Meaning): boolean;
  readonly findings: readonly RuleFinding[];
}

/**
 * `max` of captures: values that are bound already come first, then new ones, each in their own order, so that a new group never takes
 * the place of one that counts.
 */
export function limitsOf(policy: Policy, standing: readonly Meaning[], fresh: readonly Meaning[]): Limits {
  const over = new Map<string, ReadonlySet<string>>();
  const findings: RuleFinding[] = [];
  for (const { key, max, file, line } of policy.captures.values()) {
    if (max === undefined) continue;
    const [first, later] = [valuesOf(key, standing), valuesOf(key, fresh)];
    const order = [...[...first].sort(), ...[...later].filter((value) => !first.has(value)).sort()];
    if (order.length <= max) continue;
    const rest = order.slice(max);
    over.set(key, new Set(rest));
    findings.push({
      finding: found(
        'policy.capture-max',
        `captures.${key}`,
        `{${key}} has ${order.length} values and at most ${max} are used; ${shown(rest)} grant nothing.`,
        { file, line },
      ),
      rules: rulesOf(key, [...standing, ...fresh]),
    });
  }
  return {
    findings,
    allows: ({ values }) =>
      over.size === 0 || Object.entries(values).every(([capture, value]) => over.get(capture)?.has(value) !== true),
  };
}

function valuesOf(capture: string, meanings: readonly Meaning[]): Set<string> {
  return new Set(meanings.flatMap(({ values }) => (Object.hasOwn(values, capture) ? [values[capture]!] : [])));
}

function rulesOf(capture: string, meanings: readonly Meaning[]): Rule[] {
  return [
    ...new Set(meanings.filter(({ values }) => Object.hasOwn(values, capture)).map(({ mention }) => mention.rule)),
  ];
}

function shown(values: readonly string[]): string {
  return values.length <= 5 ? values.join(', ') : `${values.slice(0, 5).join(', ')} and ${values.length - 5} more`;
}
