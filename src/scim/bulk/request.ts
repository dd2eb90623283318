import { refuse, ScimError } from '../../errors.ts';
import { asJsonObject, lowerKeys } from '../json.ts';
import { parseLargeJson } from '../largeJson.ts';
import type { Dialect } from '../profiles/dialect.ts';
import { quoted } from '../quoted.ts';
import type { ResourceType } from '../resource.ts';
import { BULK_REQUEST } from '../urns.ts';
import { bulkIdOf } from './bulkId.ts';

/** Most operations of one bulk request; ServiceProviderConfig tells it. */
export const MOST_BULK_OPERATIONS = 1000;
const LONGEST_BULK_ID = 256;
/** Longest word in the place of a method that an answer repeats. */
const LONGEST_ECHO = 16;
/** Characters of data in texts that are parsed in one go: a few milliseconds. */
const TOGETHER = 256 * 1024;

type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One operation that can be tried. */
export interface BulkOperation {
  readonly method: BulkMethod;
  readonly type: ResourceType;
  /** Of the resource; absent for POST. May be `bulkId:…` of an operation of the same request. */
  readonly id?: string;
  readonly bulkId?: string;
  /** An ETag that has to be current, as If-Match has it. */
  readonly version?: string;
  readonly data?: unknown;
}

/** An operation that cannot be tried, with as much of it as could be read. */
interface BrokenOperation {
  readonly method?: string;
  readonly type?: ResourceType;
  readonly id?: string;
  readonly bulkId?: string;
  readonly error: ScimError;
}

export type BulkEntry = BulkOperation | BrokenOperation;

interface BulkRequest {
  /** How many operations may fail before the rest is left out. */
  readonly failOnErrors?: number;
  /** In the order of the request. */
  readonly entries: readonly BulkEntry[];
}

export function isBroken(entry: BulkEntry): entry is BrokenOperation {
  return 'error' in entry;
}

/** How data that comes as a text is parsed. */
interface TextData {
  /** Deepest nesting. */
  readonly deepest: number;
  /** Awaited between parts: such data may be as large as the body, or a thousand of them together are. */
  readonly pause: () => Promise<void>;
}

/**
 * Reads a BulkRequest (RFC 7644 §3.7). What is wrong with one operation is its own error and stops none of the others.
 * @throws ScimError SCIM_SYNTAX, SCIM_BULK_OPERATION, SCIM_BULK_LIMIT for the request as a whole
 */
export async function readBulkRequest(body: unknown, dialect: Dialect, texts: TextData): Promise<BulkRequest> {
  const message = lowerKeys(asJsonObject(body));
  const schemas = message.get('schemas');
  const named =
    Array.isArray(schemas) && schemas.some((urn) => String(urn).toLowerCase() === BULK_REQUEST.toLowerCase());
  if (!named) {
    if (schemas !== undefined || !dialect.schemasOptional)
      throw refuse('SCIM_SYNTAX', { reason: `schemas lacks ${BULK_REQUEST}` });
    dialect.note('missing-schemas');
  }
  const list = message.get('operations');
  if (!Array.isArray(list)) throw refuse('SCIM_SYNTAX', { reason: 'Operations is not a list' });
  if (list.length > MOST_BULK_OPERATIONS)
    throw refuse('SCIM_BULK_LIMIT', { count: list.length, limit: MOST_BULK_OPERATIONS });
  const failOnErrors = message.get('failonerrors') ?? undefined;
  if (failOnErrors !== undefined && !(Number.isSafeInteger(failOnErrors) && (failOnErrors as number) >= 0))
    throw refuse('SCIM_BULK_OPERATION', { reason: 'failOnErrors is an integer, 1 or more' });
  const taken = new Set<string>();
  const entries: BulkEntry[] = [];
  let spent = 0;
  for (const item of list) {
    const length = textLength(item);
    spent += length;
    if (spent > TOGETHER && length < spent) {
      spent = length;
      await texts.pause();
    }
    entries.push(await readEntry(item, taken, dialect, texts));
  }
  // Zero would stop before the first operation; it is taken as "not given", as some clients send it.
  return typeof failOnErrors === 'number' && failOnErrors > 0 ? { failOnErrors, entries } : { entries };
}

async function readEntry(item: unknown, taken: Set<string>, dialect: Dialect, texts: TextData): Promise<BulkEntry> {
  const known: { -readonly [name in 'method' | 'type' | 'id' | 'bulkId']?: BrokenOperation[name] } = {};
  try {
    if (item === null || typeof item !== 'object' || Array.isArray(item)) throw wrong('an operation is an object');
    const keys = lowerKeys(item);
    const said = keys.get('method');
    if (typeof said === 'string' && said.length <= LONGEST_ECHO) known.method = said.toUpperCase();
    const bulkId = readBulkId(keys.get('bulkid'));
    if (bulkId !== undefined) known.bulkId = bulkId;
    const method = readMethod(said);
    if (method === 'POST') {
      if (bulkId === undefined) throw wrong('a POST needs a bulkId');
      if (taken.has(bulkId))
        throw refuse('SCIM_BULK_OPERATION', { reason: `The bulkId ${quoted(bulkId)} is used twice` });
      taken.add(bulkId);
    }
    const { type, id } = readPath(keys.get('path'), method);
    Object.assign(known, { type, id });
    const version = keys.get('version') ?? undefined;
    if (version !== undefined && typeof version !== 'string') throw wrong('version is a string');
    return {
      method,
      type,
      ...(id === undefined ? {} : { id }),
      ...(bulkId === undefined ? {} : { bulkId }),
      ...(version === undefined || method === 'POST' ? {} : { version }),
      ...(method === 'DELETE' ? {} : { data: await readData(keys.get('data'), dialect, texts) }),
    };
  } catch (error) {
    if (error instanceof ScimError) return { ...known, error };
    throw error;
  }
}

function readMethod(value: unknown): BulkMethod {
  const word = typeof value === 'string' ? value.toUpperCase() : '';
  if (word === 'POST' || word === 'PUT' || word === 'PATCH' || word === 'DELETE') return word;
  throw wrong(`method is POST, PUT, PATCH or DELETE${typeof value === 'string' ? `, not ${quoted(value)}` : ''}`);
}

function readBulkId(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_BULK_ID || !value.isWellFormed())
    throw wrong(`bulkId is a text of at most ${LONGEST_BULK_ID} characters`);
  return value;
}

const PATH = /^\/?(Users|Groups)(?:\/([^/?#]*))?$/;

function readPath(value: unknown, method: BulkMethod): { readonly type: ResourceType; readonly id?: string } {
  const found = typeof value === 'string' ? PATH.exec(value) : null;
  if (found === null)
    throw refuse('SCIM_BULK_OPERATION', {
      reason: 'path is /Users or /Groups, and for all but POST one resource of them',
    });
  const type = found[1] === 'Users' ? 'User' : 'Group';
  const id = decoded(found[2] ?? '');
  if ((method === 'POST') !== (id === ''))
    throw refuse('SCIM_BULK_OPERATION', {
      reason: method === 'POST' ? 'the path of a POST names no resource' : `the path of a ${method} names a resource`,
    });
  if (id === '') return { type };
  if (bulkIdOf(id) === undefined && (id.length > 512 || !id.isWellFormed()))
    throw refuse('SCIM_BULK_OPERATION', { reason: 'path holds no id' });
  return { type, id };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** SDKs exist that put the data into a text. */
async function readData(value: unknown, dialect: Dialect, { deepest, pause }: TextData): Promise<unknown> {
  if (typeof value !== 'string') return value;
  dialect.note('text-data');
  return parseLargeJson(value, deepest, pause);
}

/** Characters of the longest text in an operation. */
function textLength(item: unknown): number {
  if (item === null || typeof item !== 'object') return 0;
  return Object.values(item).reduce((most, value) => Math.max(most, typeof value === 'string' ? value.length : 0), 0);
}

function wrong(reason: string): ScimError {
  return refuse('SCIM_SYNTAX', { reason });
}
