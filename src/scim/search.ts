import { refuse } from '../errors.ts';
import type { Projection } from './choice.ts';
import { parseFilter, parseSortBy } from './filter/parseFilter.ts';
import { type FilterLimits, MOST_TERMS } from './filter/parser.ts';
import type { Reading } from './filter/reading.ts';
import { currentName } from './formerUrn.ts';
import { asJsonObject, lowerKeys } from './json.ts';
import type { Dialect } from './profiles/dialect.ts';
import { readProjection, wants } from './projection.ts';
import type { Query } from './query.ts';
import type { ResourceType } from './resource.ts';
import { SEARCH_REQUEST } from './urns.ts';

/** Most resources in one answer; ServiceProviderConfig tells it. */
export const MOST_RESULTS = 1000;
/** Resources in an answer where the client does not say how many. */
export const PAGE = 100;

/** What a list is asked for, by query parameters or in a SearchRequest; not yet read against a type. */
export interface Search {
  readonly filter?: string;
  readonly sortBy?: string;
  readonly sortOrder: 'ascending' | 'descending';
  /** From 1. */
  readonly startIndex: number;
  /** 0 to MOST_RESULTS. */
  readonly count: number;
  /** Pages by cursor: the text, empty for the first page, and the count as far as one was given. */
  readonly cursor?: { readonly text: string; readonly count?: number };
  readonly attributes?: readonly string[];
  readonly excludedAttributes?: readonly string[];
}

/**
 * Reads parsed query parameters; unknown ones (Entra's flags) are ignored. Lists may be given in parts, as some clients write them;
 * any other that is there twice is refused: who passed it on may have looked at the other one. @throws ScimError SCIM_QUERY
 */
export function readQueryString(parameters: Readonly<Record<string, unknown>>): Search {
  const given = new Map<string, readonly unknown[]>();
  for (const [key, value] of Object.entries(parameters)) {
    const name = key.toLowerCase();
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    given.set(name, given.has(name) ? [...given.get(name)!, ...values] : values);
  }
  return readSearch((name) => parameter(name, given.get(name.toLowerCase())), given.has('cursor'));
}

/** Reads a SearchRequest (RFC 7644 §3.4.3). @throws ScimError SCIM_SYNTAX, SCIM_QUERY */
export function readSearchRequest(body: unknown, dialect: Dialect): Search {
  const request = lowerKeys(asJsonObject(body));
  const schemas = given(request.get('schemas'));
  const named =
    Array.isArray(schemas) && schemas.some((urn) => String(urn).toLowerCase() === SEARCH_REQUEST.toLowerCase());
  if (!named && !(schemas === undefined && dialect.schemasOptional))
    throw refuse('SCIM_SYNTAX', { reason: `schemas lacks ${SEARCH_REQUEST}` });
  const byCursor = request.has('cursor') && request.get('cursor') !== null;
  return readSearch((name) => given(request.get(name.toLowerCase())), byCursor);
}

/** A search read against one type: the query, and what is returned of each resource. */
export interface TypedSearch {
  readonly query: Query;
  readonly projection: Projection;
}

/** @throws ScimError SCIM_FILTER, SCIM_PATH, SCIM_QUERY */
export function forType(
  search: Search,
  type: ResourceType,
  dialect: Dialect,
  limits: FilterLimits,
  unknown: Reading['unknown'] = 'refuse',
): TypedSearch {
  const { catalogue, packedValues, formerUrns, note } = dialect;
  const reading = { lenient: dialect.bareWords, catalogue, packedValues, formerUrns, note };
  const projection = projectionOf(type, search, dialect);
  const { sortOrder, startIndex, count } = search;
  const sortBy =
    search.sortBy === undefined
      ? undefined
      : parseSortBy(currentName(search.sortBy, dialect), type, unknown, catalogue);
  const filter =
    search.filter === undefined ? undefined : parseFilter(search.filter, type, limits, { ...reading, unknown });
  return {
    projection,
    query: {
      ...(filter === undefined ? {} : { filter }),
      ...(sortBy === undefined ? {} : { sortBy }),
      sortOrder,
      startIndex,
      count,
      related: wants(projection, type === 'User' ? 'groups' : 'members'),
    },
  };
}

/** What is asked for of each resource of a type. @throws ScimError SCIM_QUERY */
export function projectionOf(
  type: ResourceType,
  { attributes, excludedAttributes }: Pick<Search, 'attributes' | 'excludedAttributes'>,
  dialect: Dialect,
): Projection {
  const current = (names: readonly string[] | undefined) => names?.map((name) => currentName(name, dialect));
  return readProjection(type, current(attributes), current(excludedAttributes), dialect.catalogue);
}

function readSearch(value: (name: string) => unknown, byCursor: boolean): Search {
  const filter = text(value('filter'), 'filter');
  const sortBy = text(value('sortBy'), 'sortBy');
  const attributes = names(value('attributes'), 'attributes');
  const excludedAttributes = names(value('excludedAttributes'), 'excludedAttributes');
  const startIndex = Math.max(1, integer(value('startIndex'), 'startIndex') ?? 1);
  const given = integer(value('count'), 'count');
  const count = Math.min(MOST_RESULTS, Math.max(0, given ?? PAGE));
  const cursor = byCursor ? (text(value('cursor'), 'cursor') ?? '') : undefined;
  if (cursor !== undefined && startIndex > 1)
    throw refuse('SCIM_QUERY', { reason: 'startIndex and cursor exclude each other' });
  return {
    ...(filter === undefined ? {} : { filter }),
    ...(sortBy === undefined ? {} : { sortBy }),
    sortOrder: order(value('sortOrder')),
    startIndex,
    count,
    ...(cursor === undefined ? {} : { cursor: { text: cursor, ...(given === undefined ? {} : { count }) } }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(excludedAttributes === undefined ? {} : { excludedAttributes }),
  };
}

/** What a parameter comes to that was given so; undefined for empty text too. @throws ScimError SCIM_QUERY */
function parameter(name: string, values: readonly unknown[] = []): unknown {
  if (values.length > 1 && name !== 'attributes' && name !== 'excludedAttributes')
    throw refuse('SCIM_QUERY', { reason: `the parameter ${name} was sent more than once` });
  const text = values.join(',');
  return text === '' ? undefined : text;
}

/** A value, or undefined for null and empty text. */
function given(value: unknown): unknown {
  return value === null || value === '' ? undefined : value;
}

function text(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw refuse('SCIM_QUERY', { reason: `${name} is a string` });
}

function integer(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^[+-]?\d+$/.test(value.trim()) ? Number(value) : value;
  // What a client counts in may be wider than what we do: the largest number of Java asks for all there is.
  if (typeof number === 'number' && (Number.isInteger(number) || Math.abs(number) === Number.POSITIVE_INFINITY))
    return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number));
  throw refuse('SCIM_QUERY', { reason: `${name} is an integer` });
}

function order(value: unknown): 'ascending' | 'descending' {
  const word = typeof value === 'string' ? value.toLowerCase() : value;
  if (word === undefined || word === 'ascending') return 'ascending';
  if (word === 'descending') return 'descending';
  throw refuse('SCIM_QUERY', { reason: 'sortOrder is ascending or descending' });
}

/** A comma-separated list in a query, a list of strings in a SearchRequest. */
function names(value: unknown, name: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const list: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [undefined];
  if (!list.every((item) => typeof item === 'string') || list.length > MOST_TERMS)
    throw refuse('SCIM_QUERY', { reason: `${name} is a list of at most ${MOST_TERMS} attribute names` });
  const trimmed = list.map((item) => item.trim()).filter((item) => item !== '');
  return trimmed.length === 0 ? undefined : trimmed;
}
