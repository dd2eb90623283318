import { refuse } from '../../errors.ts';
import type { Filter } from '../filter/filter.ts';
import type { Edit } from './edit.ts';
import { MOST_OPERATIONS } from './operation.ts';

/** Values and comparisons that the operations of one PATCH of a person may hold together. */
const MOST_EFFORT = 2 * MOST_OPERATIONS;

/** What a comparison counts for that a path holds beside its first: it looks through long texts, and no client needs many. */
const FURTHER = 8;

/** Bounds what a PATCH costs, whatever is stored: each value and comparison meets each stored value once. @throws ScimError SCIM_VALUE */
export function boundEffort(edits: readonly Edit[]): void {
  let effort = 0;
  for (const { value, target } of edits) {
    effort += Array.isArray(value) ? value.length : 1;
    if (target.select !== undefined) effort += 1 + (terms(target.select) - 1) * FURTHER;
    if (effort > MOST_EFFORT)
      throw refuse('SCIM_VALUE', { reason: `The operations hold more than ${MOST_EFFORT} values and comparisons` });
  }
}

function terms(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.reduce((sum, item) => sum + terms(item), 0);
    case 'not':
    case 'value-path':
      return terms(filter.filter);
    default:
      return 1;
  }
}
