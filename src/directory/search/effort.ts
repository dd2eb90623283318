import { fold, hasSigma } from '../../access/fold.ts';
import type { Filter } from '../../scim/filter/filter.ts';
import type { Query } from '../../scim/query.ts';
import type { ResourceType } from '../../scim/resource.ts';
import { column } from './columns.ts';
import { isCore } from './home.ts';
import { isIndexed } from './sorting.ts';

/**
 * What a list looks through: `few` rows that an index gives, all that it `matches`, or `all` resources of the connection. Where it is
 * not sure, more.
 */
type Effort = 'few' | 'matches' | 'all';

export function effortOf(type: ResourceType, query: Query): Effort {
  if (query.filter === undefined) return isIndexed(type, query) ? 'few' : 'all';
  if (isNarrow(type, query.filter)) return 'few';
  return isRange(type, query.filter) ? 'matches' : 'all';
}

/** Whether it can only hold for a handful of resources, which an index gives whatever else is asked of them. */
function isNarrow(type: ResourceType, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.some((item) => isNarrow(type, item));
    case 'or':
      return filter.filters.every((item) => isNarrow(type, item));
    case 'value-path':
      return type === 'User' && filter.path.attribute === 'emails' && isNarrow(type, filter.filter);
    case 'compare': {
      const { attribute, sub } = filter.path;
      if (filter.operator !== 'eq' || !isCore(filter.path)) return false;
      if (column(type, filter.path)?.unique === true || attribute === 'id' || attribute === 'externalId') return true;
      return attribute === (type === 'User' ? 'emails' : 'members') && (sub ?? 'value') === 'value';
    }
    default:
      return false;
  }
}

/** Whether an index gives exactly what it holds for, however much that is. */
function isRange(type: ResourceType, filter: Filter): boolean {
  if (filter.kind !== 'compare' || !isCore(filter.path) || ['ne', 'co', 'ew'].includes(filter.operator)) return false;
  const { attribute, sub = 'value' } = filter.path;
  if (column(type, filter.path)?.unique === true)
    return filter.operator !== 'sw' || !hasSigma(fold(String(filter.value)));
  if (attribute === 'meta') return filter.operator !== 'sw';
  return type === 'User' && filter.operator === 'eq' && ['groups', 'roles'].includes(attribute) && sub === 'value';
}
