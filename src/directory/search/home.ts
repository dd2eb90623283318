import type { RawBuilder } from 'kysely';
import type { AttributePath } from '../../scim/filter/filter.ts';
import { GROUP, USER } from '../../scim/urns.ts';
import { elementScalar, jsonScalar, type Scalar } from '../../store/sql/json.ts';

/** An SQL expression, `fold` and all; NULL where there is no value. */
export type Expression = RawBuilder<unknown>;
/** An SQL condition; NULL counts as false. */
export type Condition = RawBuilder<unknown>;

/** Whether it is an attribute of the core schema or a common one. */
export function isCore(path: AttributePath): boolean {
  return path.schema === USER || path.schema === GROUP;
}

/** The JSON path of an attribute in a document; names come from schemas, never from input. */
export function documentPath(path: AttributePath): string {
  const home = isCore(path) ? '$' : `$.${quote(path.schema)}`;
  return `${home}.${quote(path.attribute)}`;
}

/** The JSON path of a sub-attribute. */
export function subPath(base: string, sub: string): string {
  return `${base}.${quote(sub)}`;
}

function quote(name: string): string {
  return `"${name}"`;
}

/** The value of an `element` of a list that holds no objects, of the type a comparison is about. */
export function elementValue(type: AttributePath['type']): Expression {
  return elementScalar(scalarOf(type));
}

/** A value inside JSON, of the type a comparison is about; another type is no value. */
export function jsonValue(json: Expression, at: string, type: AttributePath['type']): Expression {
  return jsonScalar(json, at, scalarOf(type));
}

function scalarOf(type: AttributePath['type']): Scalar {
  if (type === 'boolean') return type;
  return type === 'integer' || type === 'decimal' ? 'number' : 'text';
}
