import type { Steps } from '../../access/breather.ts';
import type { FilterLimits } from '../filter/parser.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { Attributes } from '../resource.ts';
import { applyEdits } from './apply.ts';
import { type Edit, editsOf } from './edit.ts';
import { boundEffort } from './effort.ts';
import { A_TURN, type Operation } from './operation.ts';

/**
 * Compiles a PATCH of a user, in turns, into a pure function on its attributes; what can be refused without knowing them is refused here.
 * The function may throw, too, and leaves its argument as it was.
 * @throws ScimError SCIM_SYNTAX, SCIM_PATH, SCIM_FILTER, SCIM_VALUE, SCIM_NO_TARGET, SCIM_MUTABILITY
 */
export function* compileUserPatch(
  operations: readonly Operation[],
  dialect: Dialect,
  limits: FilterLimits,
): Steps<(current: Attributes) => Steps<Attributes>> {
  const edits: Edit[] = [];
  for (const [index, operation] of operations.entries()) {
    if (index > 0 && index % A_TURN === 0) yield;
    edits.push(...editsOf(operation, { type: 'User', dialect, limits }));
  }
  boundEffort(edits);
  return (current) => applyEdits('User', current, edits, dialect);
}
