import type { AttributePath, Filter } from '../../scim/filter/filter.ts';
import type { Query } from '../../scim/query.ts';
import type { ResourceType } from '../../scim/resource.ts';
import { isEdges } from './edges.ts';
import { effortOf } from './effort.ts';

/** What there is to look through. */
export interface Extent {
  /** People or groups of the connection. */
  readonly resources: number;
  /** Memberships, of all connections. */
  readonly edges: number;
}

/** How often a list looks through everything: for each comparison, and for its order. */
export function comparisonsIn({ filter, sortBy }: Pick<Query, 'filter' | 'sortBy'>): number {
  return Math.max(1, (filter === undefined ? 0 : pathsIn(filter).length) + (sortBy === undefined ? 0 : 1));
}

/** How many values a list looks at, at most; 0 where an index gives a few rows. A value takes one or two microseconds. */
export function looksOf(type: ResourceType, query: Query, { resources, edges }: Extent): number {
  if (effortOf(type, query) === 'few') return 0;
  const paths = query.filter === undefined ? [] : pathsIn(query.filter);
  const overEdges = paths.filter((path) => isEdges(type, path)).length;
  return resources * comparisonsIn(query) + edges * overEdges;
}

/** The attribute of each comparison; of those inside brackets the one before them. */
function pathsIn(filter: Filter): readonly AttributePath[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(pathsIn);
    case 'not':
      return pathsIn(filter.filter);
    case 'value-path':
      return pathsIn(filter.filter).map(() => filter.path);
    default:
      return [filter.path];
  }
}
