import { refuse } from '../../errors.ts';
import { asJsonObject, lowerKeys } from '../json.ts';
import type { Dialect } from '../profiles/dialect.ts';
import { quoted } from '../quoted.ts';
import { PATCH_OP } from '../urns.ts';

/** Most operations in one PATCH. */
export const MOST_OPERATIONS = 1000;
/** Operations that are read, or done, in one turn of the event loop. */
export const A_TURN = 25;

/** One operation as it was sent; `value` is undefined where the key is absent, which is not the same as null. */
export interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string;
  readonly value?: unknown;
  /** From 1, for errors. */
  readonly number: number;
}

/** Reads a PatchOp message (RFC 7644 §3.5.2); `op` and keys in any case. @throws ScimError SCIM_SYNTAX, SCIM_PATH, SCIM_VALUE */
export function readOperations(body: unknown, dialect: Dialect): readonly Operation[] {
  const message = lowerKeys(asJsonObject(body));
  checkSchema(message.get('schemas'), dialect);
  const list = message.get('operations');
  if (!Array.isArray(list)) throw refuse('SCIM_SYNTAX', { reason: 'Operations is not a list' });
  if (list.length > MOST_OPERATIONS)
    throw refuse('SCIM_VALUE', { reason: `Operations has more than ${MOST_OPERATIONS} entries` });
  if (list.length === 0 && dialect.emptyOperations === 'refuse')
    throw refuse('SCIM_SYNTAX', { reason: 'Operations is empty' });
  if (list.length === 0) dialect.note('empty-operations');
  return list.map((item, index) => readOperation(item, index + 1, dialect));
}

function readOperation(item: unknown, number: number, dialect: Dialect): Operation {
  if (item === null || typeof item !== 'object' || Array.isArray(item))
    throw refuse('SCIM_SYNTAX', { reason: `Operation ${number} is not an object` });
  const entries = lowerKeys(item);
  const op = entries.get('op');
  const verb = typeof op === 'string' ? op.toLowerCase() : '';
  if (verb !== 'add' && verb !== 'replace' && verb !== 'remove')
    throw refuse('SCIM_SYNTAX', {
      reason: `Operation ${number}: op is add, replace or remove${typeof op === 'string' ? `, not ${quoted(op)}` : ''}`,
    });
  if (verb !== op) dialect.note('op-case');
  const path = entries.get('path');
  if (path !== undefined && path !== null && typeof path !== 'string')
    throw refuse('SCIM_PATH', { reason: `operation ${number}: path is not a string` });
  return {
    op: verb,
    number,
    ...(typeof path === 'string' && path.trim() !== '' ? { path } : {}),
    ...(entries.has('value') ? { value: entries.get('value') } : {}),
  };
}

function checkSchema(value: unknown, dialect: Dialect): void {
  if ((value === undefined || value === null) && dialect.schemasOptional) {
    dialect.note('missing-schemas');
    return;
  }
  const named =
    Array.isArray(value) &&
    value.some((urn) => typeof urn === 'string' && urn.toLowerCase() === PATCH_OP.toLowerCase());
  if (!named) throw refuse('SCIM_SYNTAX', { reason: `schemas lacks ${PATCH_OP}` });
}
