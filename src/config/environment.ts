import { parse } from 'yaml';
import { refuse, type ScimError } from '../errors.ts';
import { type JsonSchema, knownKeys, schemaAt } from './jsonSchema.ts';
import { didYouMean } from './nearest.ts';

const PREFIX = 'JENKINS_SCIM__';

type Environment = Readonly<Record<string, string | undefined>>;
type Mapping = Record<string, unknown>;

/** The key that a variable gave its value. */
export interface Override {
  readonly path: readonly string[];
  readonly name: string;
}

interface Overridden {
  readonly value: unknown;
  readonly problems: ScimError[];
  readonly overrides: readonly Override[];
}

/**
 * Lays `JENKINS_SCIM__SERVER__LISTEN=…` over the document. Names are compared without case, `-` and `_`;
 * values are read as YAML scalars. A variable that names no key is an error.
 */
export function override(raw: unknown, environment: Environment): Overridden {
  const value: Mapping = isMapping(raw) ? structuredClone(raw) : {};
  const problems: ScimError[] = [];
  const overrides: Override[] = [];
  for (const [name, text] of Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(PREFIX) || text === undefined) continue;
    const placed = place(value, name, text, overrides);
    if (Array.isArray(placed)) overrides.push({ path: placed, name });
    else problems.push(placed);
  }
  return { value: raw === undefined || isMapping(raw) ? value : raw, problems, overrides };
}

/** Where the value went, or what is wrong with the name. */
function place(document: Mapping, name: string, text: string, before: readonly Override[]): string[] | ScimError {
  const words = name.slice(PREFIX.length).split('__');
  const path: string[] = [];
  let at = document;
  for (const [index, word] of words.entries()) {
    const schema = schemaAt(path);
    const key = spelled(word, [...Object.keys(at), ...knownKeys(schema)]) ?? free(word, schema);
    if (key === undefined) return unknown(name, path, word, schema);
    for (const other of otherForms(at, key, schema))
      if (!before.some((one) => isAt(one, [...path, other]))) delete at[other];
    if (index === words.length - 1) at[key] = scalar(text);
    else at = inner(at, key);
    path.push(key);
  }
  return path;
}

/**
 * Of a mapping that has one of several forms, `{ env }` or `{ file }`, a variable chooses the one that has its key: keys there that do not
 * go with it. What two variables say is for nobody to choose from.
 */
function otherForms(at: Mapping, key: string, schema: JsonSchema | undefined): string[] {
  const forms = schema?.anyOf?.filter(({ properties }) => properties?.[key] !== undefined) ?? [];
  if (forms.length === 0) return [];
  const kept = new Set(forms.flatMap(knownKeys));
  return Object.keys(at).filter((other) => !kept.has(other));
}

function isAt({ path }: Override, place: readonly string[]): boolean {
  return path.length === place.length && path.every((key, index) => key === place[index]);
}

function inner(at: Mapping, key: string): Mapping {
  const next = isMapping(at[key]) ? at[key] : {};
  at[key] = next;
  return next;
}

function unknown(name: string, path: readonly string[], word: string, schema: JsonSchema | undefined): ScimError {
  const hint = didYouMean(word, knownKeys(schema));
  return refuse('CFG_UNKNOWN_KEY', { path: `environment variable ${name}`, key: [...path, word].join('.'), hint });
}

function spelled(word: string, keys: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[-_.]/g, '');
  return keys.find((key) => plain(key) === plain(word));
}

/** A new name under a mapping whose names are free (controllers, connections, labels). */
function free(word: string, schema: JsonSchema | undefined): string | undefined {
  return typeof schema?.additionalProperties === 'object' ? word.toLowerCase().replaceAll('_', '-') : undefined;
}

function scalar(text: string): unknown {
  try {
    return parse(text, { schema: 'core', maxAliasCount: 0 }) ?? text;
  } catch {
    return text;
  }
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
