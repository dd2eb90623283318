import type { FilterLimits } from '../filter/parser.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { Attributes } from '../resource.ts';
import { applyEdits } from './apply.ts';
import { editsOf } from './edit.ts';
import { boundEffort } from './effort.ts';
import type { Operation } from './operation.ts';

/**
 * Compiles a PATCH of a user into a pure function on its attributes; what can be refused without knowing them is refused here.
 * The function may throw, too, and leaves its argument as it was.
 * @throws ScimError SCIM_SYNTAX, SCIM_PATH, SCIM_FILTER, SCIM_VALUE, SCIM_NO_TARGET, SCIM_MUTABILITY
 */
export function compileUserPatch(
  operations: readonly Operation[],
  dialect: Dialect,
  limits: FilterLimits,
): (current: Attributes) => Attributes {
  const edits = operations.flatMap((operation) => editsOf(operation, { type: 'User', dialect, limits }));
  boundEffort(edits);
  return (current) => applyEdits('User', current, edits, dialect);
}
