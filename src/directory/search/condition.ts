import { sql } from 'kysely';
import { fold } from '../../access/fold.ts';
import type { AttributePath, Filter } from '../../scim/filter/filter.ts';
import type { ResourceType } from '../../scim/resource.ts';
import { elementPresent, jsonElements, jsonText, parsed } from '../../store/sql/json.ts';
import { among } from '../../store/sql/lists.ts';
import { column } from './columns.ts';
import { comparison, type Stored } from './comparison.ts';
import { edgeValue, isEdges, someEdge, withEdgeTo } from './edges.ts';
import { type Condition, documentPath, type Expression, elementValue, isCore, jsonValue, subPath } from './home.ts';

type Compare = Extract<Filter, { kind: 'compare' }>;
/** How a leaf of a filter is read; the rest is the same at the top and inside a value path. */
interface Leaves {
  compare(filter: Compare & { readonly operator: Exclude<Compare['operator'], 'ne'> }): Condition;
  present(path: AttributePath): Condition;
  valuePath(filter: Extract<Filter, { kind: 'value-path' }>): Condition;
}

/**
 * A filter as a condition on a row of `users` or `groups`, with the verdict of `matches` in scim. Every value is a parameter.
 * NULL counts as false, and is made false before it is negated.
 */
export function condition(type: ResourceType, filter: Filter): Condition {
  return compose(filter, topLeaves(type));
}

function compose(filter: Filter, leaves: Leaves): Condition {
  switch (filter.kind) {
    case 'and':
      return filter.filters.length === 0 ? sql`true` : joined(filter.filters, leaves, sql` AND `);
    case 'or':
      return filter.filters.length === 0 ? sql`false` : joined(filter.filters, leaves, sql` OR `);
    case 'not':
      return not(compose(filter.filter, leaves));
    case 'present':
      return leaves.present(filter.path);
    case 'value-path':
      return leaves.valuePath(filter);
    case 'compare':
      return filter.operator === 'ne'
        ? not(leaves.compare({ ...filter, operator: 'eq' }))
        : leaves.compare({ ...filter, operator: filter.operator });
  }
}

function joined(filters: readonly Filter[], leaves: Leaves, by: Condition): Condition {
  return sql`(${sql.join(
    filters.map((item) => compose(item, leaves)),
    by,
  )})`;
}

function not(inner: Condition): Condition {
  return sql`NOT ((${inner}) IS TRUE)`;
}

function topLeaves(type: ResourceType): Leaves {
  const document = parsed(sql.ref(type === 'User' ? 'users.document' : 'groups.document'));
  return {
    compare: ({ path, operator, value }) => {
      const stored = column(type, path);
      if (stored !== undefined) return comparison(stored, operator, value, path);
      if (isEdges(type, path)) {
        if (operator === 'eq' && (path.sub ?? 'value') === 'value') return withEdgeTo(type, String(value));
        return someEdge(type, comparison({ value: edgeValue(path.sub) }, operator, value, path), path.sub === 'type');
      }
      const indexed = indexOf(type, path);
      if (operator === 'eq' && indexed !== undefined && (path.sub ?? 'value') === 'value')
        return withValue(indexed, String(value));
      const test = (found: Stored): Condition => comparison(found, operator, value, path);
      if (isPlainList(path)) return someElement(document, path, test({ value: elementValue(path.type) }));
      return some(document, path, (json, base) => test({ value: leafOf(json, base, path) }));
    },
    present: (path) => {
      const stored = column(type, path);
      if (stored !== undefined) return sql`${stored.value} IS NOT NULL`;
      if (isEdges(type, path)) return someEdge(type, sql`${edgeValue(path.sub)} IS NOT NULL`, path.sub === 'type');
      if (isPlainList(path)) return someElement(document, path, elementPresent());
      return some(document, path, (json, base) =>
        assigned(json, path.sub === undefined ? base : subPath(base, path.sub)),
      );
    },
    valuePath: ({ path, filter }) => {
      if (isEdges(type, path)) return someEdge(type, compose(filter, edgeLeaves), names(filter, 'type'));
      const matching = some(document, path, (json, base) => compose(filter, elementLeaves(json, base)));
      const indexed = indexOf(type, path);
      const value = indexed === undefined ? undefined : requiredValue(filter);
      return value === undefined ? matching : sql`(${withValue(indexed!, value)} AND ${matching})`;
    },
  };
}

const edgeLeaves: Leaves = {
  compare: ({ path, operator, value }) => comparison({ value: edgeValue(path.sub) }, operator, value, path),
  present: (path) => sql`${edgeValue(path.sub)} IS NOT NULL`,
  valuePath: nested,
};

function elementLeaves(json: Expression, base: string): Leaves {
  return {
    compare: ({ path, operator, value }) =>
      comparison({ value: jsonValue(json, subPath(base, path.sub ?? 'value'), path.type) }, operator, value, path),
    present: (path) => assigned(json, subPath(base, path.sub ?? 'value')),
    valuePath: nested,
  };
}

function nested(): never {
  throw new Error('a value path inside a value path');
}

/** Some element of an attribute in the document: all of a multi-valued one, the only one of another. */
function some(
  document: Expression,
  path: AttributePath,
  test: (json: Expression, base: string) => Condition,
): Condition {
  const at = documentPath(path);
  if (!path.multiValued) return sql`(${assigned(document, at)} AND ${test(document, at)})`;
  return sql`EXISTS (SELECT 1 FROM ${jsonElements(document, at)} WHERE ${test(sql.ref('element.value'), '$')})`;
}

/** A list of values that are no objects. */
function isPlainList(path: AttributePath): boolean {
  return path.multiValued && path.sub === undefined && path.type !== 'complex';
}

function someElement(document: Expression, path: AttributePath, test: Condition): Condition {
  return sql`EXISTS (SELECT 1 FROM ${jsonElements(document, documentPath(path))} WHERE ${test})`;
}

function leafOf(json: Expression, base: string, path: AttributePath): Expression {
  return jsonValue(json, path.sub === undefined ? base : subPath(base, path.sub), path.type);
}

/** Null, and empty lists and objects, are no value (RFC 7643 §2.5). */
function assigned(json: Expression, at: string): Condition {
  return sql`coalesce(${jsonText(json, at)}, 'null') NOT IN ('null', '[]', '{}')`;
}

/** The table that holds the values of an attribute of users, folded. */
function indexOf(type: ResourceType, path: AttributePath): 'user_emails' | 'user_roles' | undefined {
  if (type !== 'User' || !isCore(path)) return undefined;
  if (path.attribute === 'emails') return 'user_emails';
  return path.attribute === 'roles' ? 'user_roles' : undefined;
}

function withValue(table: 'user_emails' | 'user_roles', value: string): Condition {
  return among(sql.ref('users.id'), sql`SELECT user_id FROM ${sql.table(table)} WHERE value_key = ${fold(value)}`);
}

/** Whether a filter inside brackets is about a sub-attribute. */
function names(filter: Filter, sub: string): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.filters.some((item) => names(item, sub));
  if (filter.kind === 'not' || filter.kind === 'value-path') return names(filter.filter, sub);
  return 'path' in filter && filter.path.sub === sub;
}

/** The `value` an element must have to fulfil the filter, where it must have one. */
function requiredValue(filter: Filter): string | undefined {
  if (filter.kind === 'and') return filter.filters.map(requiredValue).find((found) => found !== undefined);
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || (filter.path.sub ?? 'value') !== 'value')
    return undefined;
  return typeof filter.value === 'string' ? filter.value : undefined;
}
