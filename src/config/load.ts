import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type Document, visit } from 'yaml';
import type { z } from 'zod';
import { reasonOfCode } from '../errors/systemReason.ts';
import { refuse, type ScimError } from '../errors.ts';
import { logProblem, tlsProblem, wholeProblems } from './checks.ts';
import { type Override, override } from './environment.ts';
import { writableByOthers } from './files.ts';
import { knownKeys, schemaAt } from './jsonSchema.ts';
import { findLater } from './later.ts';
import type { Locate } from './locate.ts';
import { didYouMean } from './nearest.ts';
import { type Config, document, settle } from './schema.ts';
import { lineOfUndecoded } from './undecoded.ts';
import { type NoYaml, readYaml } from './yaml.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Path = readonly PropertyKey[];

/** What reading gave: the configuration, or everything that is wrong with it. */
type ConfigResult =
  | { readonly config: Config; readonly problems: readonly [] }
  | { readonly config?: undefined; readonly problems: readonly ScimError[] };

/**
 * Reads, overrides by the environment, validates and resolves paths against the file's folder.
 * @throws ScimError the first problem: CFG_*
 */
export function loadConfig(path: string, environment: Environment): Config {
  const result = checkConfig(path, environment);
  if (result.config === undefined) throw result.problems[0];
  return result.config;
}

/** Like `loadConfig`, with every problem instead of the first. */
export function checkConfig(path: string, environment: Environment): ConfigResult {
  const file = resolve(path);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true)
    return { problems: [refuse('CLI_FILE', { path, reason: reasonOfCode('EISDIR') })] };
  if (stats === undefined || !stats.isFile()) return { problems: [refuse('CFG_NOT_FOUND', { path })] };
  const mode = writableByOthers(file, stats);
  if (mode !== undefined) return { problems: [mode] };
  return parseConfig(readFileSync(file, 'utf8'), { file: path, folder: dirname(file), environment });
}

/** The same over text. Pure but for the environment that is passed in. */
export function parseConfig(
  text: string,
  options: { readonly file: string; readonly folder: string; readonly environment: Environment },
): ConfigResult {
  const { file, folder, environment } = options;
  const undecoded = lineOfUndecoded(text);
  if (undecoded !== undefined)
    return { problems: [refuse('CFG_SYNTAX', { path: file, line: undecoded, reason: 'it is not UTF-8 here' })] };
  const yaml = readYaml(text);
  if ('kind' in yaml) return { problems: [unreadable(yaml, file)] };
  const parsed = yaml.document;
  const alias = firstAlias(parsed);
  if (alias !== undefined) {
    const line = yaml.line(alias);
    return {
      problems: [refuse('CFG_SYNTAX', { path: file, line, reason: 'aliases (*name) are not understood here' })],
    };
  }
  const { value, problems, overrides } = override(parsed.toJS({ maxAliasCount: 0 }) ?? undefined, environment);
  const locate: Locate = (path) => {
    const variable = overrides.find((one) => gave(one, path, parsed));
    if (variable !== undefined) return `environment variable ${variable.name}`;
    const line = yaml.lineOf(path);
    return line === undefined ? file : `${file}:${line}`;
  };
  const later = findLater(value, locate);
  const around = [tlsProblem(environment), logProblem(environment)].filter((problem) => problem !== undefined);
  const found = [...around, ...problems, ...later.map((item) => item.error)];
  const checked = document.safeParse(value);
  if (!checked.success) {
    const named = new Set(later.map((item) => item.path.join('.')));
    return { problems: found.concat(checked.error.issues.flatMap((issue) => explain(issue, locate, named))) };
  }
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  const config = settle(checked.data, absolute, (name) => environment[name], locate);
  const { database } = checked.data;
  found.push(...wholeProblems(config, locate, typeof database === 'string' ? undefined : database.env));
  return found.length === 0 ? { config, problems: [] } : { problems: found };
}

function unreadable({ kind, line, reason }: NoYaml, path: string): ScimError {
  if (kind === 'proto') return refuse('CFG_UNKNOWN_KEY', { path: `${path}:${line}`, key: reason, hint: '' });
  return refuse('CFG_SYNTAX', { path, line, reason: inPlainWords(kind, reason) });
}

function inPlainWords(kind: NoYaml['kind'], reason: string): string {
  if (kind === 'several') return 'a second document begins here (`---`); the file holds one';
  return kind === 'duplicate' ? `the key ${reason} stands twice in one mapping` : reason;
}

/** Where the first alias stands; they are refused, so that a small file never becomes a large value. */
function firstAlias(parsed: Document): number | undefined {
  let at: number | undefined;
  visit(parsed, {
    Alias(_, node) {
      at = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return at;
}

/** Of a key that another form of the same mapping has. */
const APART = 'does not go together with what stands beside it';

/** One issue of the schema as errors of the catalogue. Values are never quoted: they may be secrets. */
function explain(issue: z.core.$ZodIssue, locate: Locate, named: ReadonlySet<string>): ScimError[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schemaAt(issue.path));
    return issue.keys.map((key) => {
      const whole = [...issue.path, key];
      if (known.includes(key))
        return refuse('CFG_INVALID', { path: locate(whole), key: whole.join('.'), reason: APART });
      return refuse('CFG_UNKNOWN_KEY', {
        path: locate(whole),
        key: whole.join('.'),
        hint: didYouMean(key, known),
      });
    });
  }
  const nearby = issue.code === 'invalid_union' ? closest(issue) : undefined;
  if (nearby !== undefined) return nearby.flatMap((one) => explain(one, locate, named));
  const key = issue.path.join('.');
  if (named.has(key) || named.has(key.replace(/\.\d+$/, ''))) return [];
  const missing =
    issue.code === 'invalid_type' && issue.input === undefined && issue.message.endsWith('received undefined');
  const deeper = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  const reason = missing ? 'is required' : (deeper ?? inWords(issue));
  return [refuse('CFG_INVALID', { path: locate(issue.path), key: key === '' ? '(document)' : key, reason })];
}

/** What the schema library says, in the words of somebody who writes YAML. */
function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small' && issue.message.startsWith('Too small'))
    return issue.origin === 'number' || issue.origin === 'int' ? `at least ${issue.minimum}` : 'is empty';
  if (issue.code === 'too_big' && issue.message.startsWith('Too big')) return `at most ${issue.maximum}`;
  const text = issue.message.replace(/^Invalid (option|input): /, '');
  return issue.code === 'invalid_type'
    ? text.replace(/\b(record|object|array|int|string)\b/g, (word) => WORDS[word] ?? word)
    : text;
}

const WORDS: Readonly<Record<string, string>> = {
  record: 'mapping',
  object: 'mapping',
  array: 'list',
  int: 'whole number',
  string: 'text',
};

/** Of a value that may have several forms, what is wrong with the form that fits most of it; undefined where that is no help. */
function closest({ errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const inside = errors.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  const best = inside.sort((a, b) => a.length - b.length)[0];
  return best?.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

/** Whether a variable gave the value at the path, or made the mapping that something is wrong with: a controller that is not in the file. */
function gave({ path: given }: Override, path: Path, document: Document): boolean {
  if (begins(path, given)) return true;
  const around = path.slice(0, -1);
  return around.length > 0 && begins(given, around) && !document.hasIn(around);
}

function begins(path: Path, start: Path): boolean {
  return start.every((key, index) => String(path[index]) === String(key));
}
