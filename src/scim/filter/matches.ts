import type { Attributes } from '../resource.ts';
import { GROUP, USER } from '../urns.ts';
import { compares, type Keys } from './compare.ts';
import type { AttributePath, Filter } from './filter.ts';

/**
 * Whether a resource fulfils a filter; the pure reading that SQL has to agree with. `attributes` is a resource as it is
 * rendered: extension attributes under their URN, `id`, `meta`, `groups`, `members` among the others.
 * A missing value fulfils `ne` only; a multi-valued attribute fulfils a comparison by any of its values.
 */
export function matches(filter: Filter, attributes: Attributes): boolean {
  return judge(filter, (path) => values(path, attributes));
}

/** Whether one element of a complex attribute fulfils the filter of a value path; `keys` are those of earlier elements. */
export function matchesElement(filter: Filter, element: unknown, keys?: Keys): boolean {
  return judge(filter, (path) => [own(element, path.sub ?? 'value')].filter(assigned), keys);
}

function judge(filter: Filter, read: (path: AttributePath) => readonly unknown[], keys?: Keys): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((item) => judge(item, read, keys));
    case 'or':
      return filter.filters.some((item) => judge(item, read, keys));
    case 'not':
      return !judge(filter.filter, read, keys);
    case 'present':
      return read(filter.path).some(assigned);
    case 'value-path':
      return read(filter.path).some((element) => matchesElement(filter.filter, element, keys));
    case 'compare': {
      const { operator, value, path } = filter;
      const found = read(path);
      if (operator === 'ne') return !found.some((item) => compares(item, 'eq', value, path, keys));
      return found.some((item) => compares(item, operator, value, path, keys));
    }
  }
}

/** The values a path stands for, as a list. */
export function values(path: AttributePath, attributes: Attributes): readonly unknown[] {
  const home = path.schema === USER || path.schema === GROUP ? attributes : own(attributes, path.schema);
  const value = own(home, path.attribute);
  const elements = Array.isArray(value) ? value : [value];
  return (path.sub === undefined ? elements : elements.map((element) => own(element, path.sub!))).filter(assigned);
}

function own(container: unknown, name: string): unknown {
  if (container === null || typeof container !== 'object' || !Object.hasOwn(container, name)) return undefined;
  return (container as Attributes)[name];
}

function assigned(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.values(value).some(assigned);
}
