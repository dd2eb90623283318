import { refuse } from '../../errors.ts';
import type { Filter } from '../filter/filter.ts';
import { readId, readMembers } from '../intake/members.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { Edit } from './edit.ts';
import type { MemberChange } from './memberRun.ts';

/**
 * What an edit of `members` asks for. `remove` with a value takes the listed ones, with an empty list or null nobody; only
 * a bare `remove` clears. Members are selected by their ids, so that nothing has to be read.
 * @throws ScimError SCIM_VALUE, SCIM_MUTABILITY, SCIM_FILTER
 */
export function memberChanges({ op, target, value: given }: Edit, dialect: Dialect): MemberChange[] {
  if (target.sub !== undefined)
    throw refuse('SCIM_MUTABILITY', { reason: 'Sub-attributes of members cannot be changed; add and remove members' });
  const value = listOf(given, dialect);
  if (target.select !== undefined) {
    const ids = selectedIds(target.select);
    if (ids === undefined)
      throw refuse('SCIM_FILTER', { reason: 'members are selected by members[value eq "id"], several by or' });
    return op === 'remove' ? [{ op: 'remove-members', values: ids }] : selectedChange(ids, value, dialect);
  }
  switch (op) {
    case 'add':
      return some(readMembers(value, dialect), (members) => ({ op: 'add-members', members }));
    case 'replace':
      return [{ op: 'replace-members', members: readMembers(value, dialect) }];
    case 'remove':
      if (value === undefined) return [{ op: 'clear-members' }];
      return some(removed(value, dialect), (values) => ({ op: 'remove-members', values }));
  }
}

/** A PATCH may give one value of a list by itself (RFC 7644 §3.5.2.1); some clients name the list again, as an object would. */
function listOf(value: unknown, dialect: Dialect): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const [[key, inner] = [], ...others] = Object.entries(value);
  const named = others.length === 0 && key?.toLowerCase() === 'members' && Array.isArray(inner);
  if (!named || !dialect.shorthand) return [value];
  dialect.note('shorthand');
  return inner;
}

function removed(value: unknown, dialect: Dialect): string[] {
  return readMembers(value, dialect).map((member) => member.value);
}

function some<T>(list: readonly T[], change: (list: readonly T[]) => MemberChange): MemberChange[] {
  return list.length === 0 ? [] : [change(list)];
}

/** `add` or `replace` of `members[value eq "A"]`: A is a member afterwards, unless the value names others instead. */
function selectedChange(ids: readonly string[], value: unknown, dialect: Dialect): MemberChange[] {
  const named = namesMembers(Array.isArray(value) && value.length === 1 ? value[0] : value)
    ? readMembers(value, dialect)
    : ids.map((id) => ({ value: id }));
  const kept = new Set(named.map((member) => member.value));
  return [
    ...some(
      ids.filter((id) => !kept.has(id)),
      (values): MemberChange => ({ op: 'remove-members', values }),
    ),
    ...some(named, (members): MemberChange => ({ op: 'add-members', members })),
  ];
}

function namesMembers(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  return value !== null && typeof value === 'object' && Object.keys(value).some((key) => key.toLowerCase() === 'value');
}

/** The ids of `value eq "A"`, also several joined by `or`; undefined for any other filter. */
function selectedIds(filter: Filter): string[] | undefined {
  if (filter.kind === 'compare')
    return filter.operator === 'eq' && filter.path.sub === 'value' ? [readId(filter.value)] : undefined;
  if (filter.kind !== 'or') return undefined;
  const parts = filter.filters.map(selectedIds);
  return parts.every((part) => part !== undefined) ? [...new Set(parts.flat())] : undefined;
}
