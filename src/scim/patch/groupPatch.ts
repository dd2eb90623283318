import type { FilterLimits } from '../filter/parser.ts';
import type { GroupChange } from '../groupChange.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { MemberRef } from '../resource.ts';
import { applyEdits } from './apply.ts';
import { type Edit, editsOf } from './edit.ts';
import { memberChanges } from './memberChanges.ts';
import type { Operation } from './operation.ts';

/**
 * Compiles a PATCH of a group into changes in their order. Neighbours of one kind become one, so that a member an operation
 * (authentik, Entra) still is one statement.
 * @throws ScimError SCIM_SYNTAX, SCIM_PATH, SCIM_FILTER, SCIM_VALUE, SCIM_NO_TARGET, SCIM_MUTABILITY
 */
export function compileGroupPatch(
  operations: readonly Operation[],
  dialect: Dialect,
  limits: FilterLimits,
): readonly GroupChange[] {
  const changes: GroupChange[] = [];
  let edits: Edit[] = [];
  const flush = () => {
    if (edits.length > 0) changes.push(attributeChange(edits, dialect));
    edits = [];
  };
  for (const operation of operations)
    for (const edit of editsOf(operation, { type: 'Group', dialect, limits })) {
      if (edit.target.located.definition.name !== 'members') {
        edits.push(edit);
        continue;
      }
      for (const change of memberChanges(edit, dialect)) {
        flush();
        append(changes, change);
      }
    }
  flush();
  return changes;
}

/** Whether the changes empty a group without naming its members: worth a record of its own. */
export function clearsMembers(changes: readonly GroupChange[]): boolean {
  return changes.some(({ op }) => op === 'clear-members');
}

function attributeChange(edits: readonly Edit[], dialect: Dialect): GroupChange {
  return { op: 'attributes', change: (current) => applyEdits('Group', current, edits, dialect) };
}

function append(changes: GroupChange[], change: GroupChange): void {
  const last = changes.at(-1);
  if (last?.op === 'add-members' && change.op === 'add-members')
    changes[changes.length - 1] = { op: 'add-members', members: distinct([...last.members, ...change.members]) };
  else if (last?.op === 'remove-members' && change.op === 'remove-members')
    changes[changes.length - 1] = { op: 'remove-members', values: [...new Set([...last.values, ...change.values])] };
  else changes.push(change);
}

function distinct(members: readonly MemberRef[]): readonly MemberRef[] {
  const found = new Map<string, MemberRef>();
  for (const member of members) if (!found.has(member.value)) found.set(member.value, member);
  return [...found.values()];
}
