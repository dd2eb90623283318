import { inOneTurn, type Steps } from '../../access/breather.ts';
import type { FilterLimits } from '../filter/parser.ts';
import type { GroupChange } from '../groupChange.ts';
import type { Dialect } from '../profiles/dialect.ts';
import { applyEdits } from './apply.ts';
import { type Edit, editsOf } from './edit.ts';
import { memberChanges } from './memberChanges.ts';
import { MemberRun } from './memberRun.ts';
import { A_TURN, type Operation } from './operation.ts';

/**
 * Compiles a PATCH of a group, in turns, into changes in their order. Neighbours of one kind become one, so that a member an operation
 * (authentik, Entra) still is one statement.
 * @throws ScimError SCIM_SYNTAX, SCIM_PATH, SCIM_FILTER, SCIM_VALUE, SCIM_NO_TARGET, SCIM_MUTABILITY
 */
export function* compileGroupPatch(
  operations: readonly Operation[],
  dialect: Dialect,
  limits: FilterLimits,
): Steps<readonly GroupChange[]> {
  const changes: GroupChange[] = [];
  let edits: Edit[] = [];
  let run = new MemberRun();
  const flush = () => {
    if (edits.length > 0) changes.push(attributeChange(edits, dialect));
    changes.push(...run.changes());
    edits = [];
    run = new MemberRun();
  };
  for (const [index, operation] of operations.entries()) {
    if (index > 0 && index % A_TURN === 0) yield;
    for (const edit of editsOf(operation, { type: 'Group', dialect, limits })) {
      if (edit.target.located.definition.name !== 'members') {
        if (!run.isEmpty) flush();
        edits.push(edit);
        continue;
      }
      for (const change of memberChanges(edit, dialect)) {
        if (edits.length > 0 || !run.takes(change)) flush();
        run.add(change);
      }
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
  return { op: 'attributes', change: (current) => inOneTurn(applyEdits('Group', current, edits, dialect)) };
}
