import type { Filter } from '../../src/scim/filter/filter.ts';
import { USER } from '../../src/scim/urns.ts';

/** A filter as a client would write it, with as many brackets as it takes. */
export function print(filter: Filter, inside = false): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.map((item) => `(${print(item, inside)})`).join(` ${filter.kind} `);
    case 'not':
      return `not (${print(filter.filter, inside)})`;
    case 'value-path':
      return `${name(filter.path, inside)}[${print(filter.filter, true)}]`;
    case 'present':
      return `${name(filter.path, inside)} pr`;
    case 'compare':
      return `${name(filter.path, inside)} ${filter.operator} ${JSON.stringify(filter.value)}`;
  }
}

function name(
  { schema, attribute, sub }: { schema: string; attribute: string; sub?: string },
  inside: boolean,
): string {
  if (inside) return sub ?? 'value';
  const prefix = schema === USER ? '' : `${schema}:`;
  return `${prefix}${attribute}${sub === undefined ? '' : `.${sub}`}`;
}
