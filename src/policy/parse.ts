import { digest } from '../access/canonical.ts';
import type { Finding } from '../access/finding.ts';
import { buildCapture } from './document/captures.ts';
import { issueFindings } from './document/issues.ts';
import { findLater } from './document/later.ts';
import { type Located, type PropertyPath, readDocument, undecoded } from './document/located.ts';
import { buildRoles, type Entry } from './document/roles.ts';
import { buildRule, unknownCapture } from './document/rules.ts';
import { sameNameFindings } from './document/sameName.ts';
import { type PolicyDocument, policyDocument, type RoleDocument, type RuleDocument } from './document/schema.ts';
import { findUnquoted } from './document/unquoted.ts';
import { found, MOST_FINDINGS } from './finding.ts';
import type { Capture, PolicyFile, PolicyResult, Rule } from './policy.ts';

/** Bytes of all files together. */
export const MAX_BYTES = 1_048_576;
const MAX_RULES = 5000;
const MAX_ROLES = 1000;
const MORE = found('policy.invalid', '(document)', 'There are more problems than these: mend them, and read it again.');

/** `stored`: it was in force before, maybe by an older version, and stays as it was then where its files were no UTF-8. */
interface Origin {
  readonly stored?: boolean;
}

/** Reads a policy of one or several files. Never throws: with an error there is no policy, and the last good one stays in force. */
export function parsePolicy(files: readonly PolicyFile[], origin: Origin = {}): PolicyResult {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const bytes = sorted.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_BYTES) return { findings: [found('policy.too-large', 'policy', `It has ${bytes} bytes.`)] };
  if (sorted.length === 0) return { findings: [found('policy.version', 'policy', 'There is no file.')] };
  const read = sorted.map((file) => readChecked(file, origin));
  const findings = read.flatMap((file) => file.findings);
  const documents = read.flatMap(({ document }) => (document === undefined ? [] : [document]));
  if (findings.length > 0) return { findings };
  return build(documents, digest(sorted.map(({ path, text }) => [path, text])));
}

interface Checked {
  readonly located: Located;
  readonly value: PolicyDocument;
}

function readChecked(
  file: PolicyFile,
  { stored = false }: Origin,
): { readonly document?: Checked; readonly findings: readonly Finding[] } {
  const located = (stored ? undefined : undecoded(file)) ?? readDocument(file);
  if (!('value' in located)) return { findings: [located] };
  const { value: raw, place } = located;
  const version = versionProblem(raw);
  if (version !== undefined) return { findings: [found('policy.version', file.path, version, place(['version']))] };
  const later = findLater(raw);
  const unquoted = findUnquoted(raw);
  const checked = policyDocument.safeParse(raw);
  const wrong = firstOf(problems(located, later, unquoted, checked.error?.issues ?? []));
  return checked.success && wrong.length === 0
    ? { document: { located, value: checked.data }, findings: [] }
    : { findings: wrong };
}

function* problems(
  located: Located,
  later: ReturnType<typeof findLater>,
  unquoted: ReturnType<typeof findUnquoted>,
  issues: Parameters<typeof issueFindings>[0],
): Generator<Finding> {
  const { place } = located;
  for (const { path, name } of later)
    yield found('policy.later', path.map(String).join('.'), `${name} is not in this version.`, place(path));
  for (const { path, capture } of unquoted)
    yield found(
      'policy.unquoted',
      path.map(String).join('.'),
      `YAML reads {${capture}} without quotes as a mapping.`,
      place(path),
    );
  const isTold = toldAt(
    [...later, ...unquoted].map(({ path }) => (path.at(-2) === 'scope' ? path.slice(0, -1) : path)),
  );
  for (const item of issueFindings(issues, located)) if (!isTold(item)) yield item;
}

/** So many, and that there are more. */
function firstOf(all: Iterable<Finding>): Finding[] {
  const first: Finding[] = [];
  for (const one of all) {
    if (first.length === MOST_FINDINGS) return [...first, MORE];
    first.push(one);
  }
  return first;
}

/** Whether a finding only repeats what was said by name about the same place, or about one in it or around it. */
function toldAt(told: readonly PropertyPath[]): (finding: Finding) => boolean {
  const texts = new Set(told.map((path) => path.map(String).join('.')));
  const around = new Set([...texts].flatMap(outward));
  return ({ subject }) => texts.has(subject) || around.has(subject) || outward(subject).some((text) => texts.has(text));
}

/** What a dotted place is in. */
function outward(text: string): string[] {
  const parts = text.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

function versionProblem(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return 'A policy is a mapping.';
  const version = 'version' in raw ? raw.version : undefined;
  if (version === 1) return undefined;
  return version === undefined ? 'The version is missing.' : 'Only version 1 is known.';
}

function build(documents: readonly Checked[], digestOfFiles: string): PolicyResult {
  const findings: Finding[] = [];
  const roleEntries = merged<RoleDocument>(documents, 'roles', findings);
  const rulesSize = documents.reduce((sum, { value }) => sum + (value.rules?.length ?? 0), 0);
  if (rulesSize > MAX_RULES || roleEntries.size > MAX_ROLES)
    return {
      findings: [found('policy.too-large', 'policy', `It has ${rulesSize} rules and ${roleEntries.size} roles.`)],
    };
  const captures = new Map<string, Capture>();
  for (const [key, { value, place }] of merged<NonNullable<PolicyDocument['captures']>[string]>(
    documents,
    'captures',
    findings,
  )) {
    const capture = buildCapture(key, value, place, findings);
    if (capture !== undefined) captures.set(key, capture);
  }
  const roles = buildRoles(roleEntries, findings);
  const definedCaptures = new Set(documents.flatMap(({ value }) => Object.keys(value.captures ?? {})));
  for (const role of roles.values())
    for (const name of role.captures)
      if (findings.length <= MOST_FINDINGS && !definedCaptures.has(name))
        findings.push(
          found('policy.unknown-capture', `roles.${role.key}`, unknownCapture(name, definedCaptures), role),
        );
  const entries = documents.flatMap(({ value, located }) =>
    (value.rules ?? []).map((rule, index) => ({ value: rule, place: located.place(['rules', index]) })),
  );
  const rules = rulesOf(entries, { roles, captures: definedCaptures, known: [...roleEntries.keys()] }, findings);
  findings.push(...sameNameFindings(roles, rules));
  if (findings.length > 0) return { findings: firstOf(findings) };
  const policy = { digest: digestOfFiles, files: documents.map(({ located }) => located.file), roles, captures, rules };
  return { policy, findings: [] };
}

function rulesOf(
  entries: readonly Entry<RuleDocument>[],
  definitions: Parameters<typeof buildRule>[1],
  findings: Finding[],
): Rule[] {
  const rules = new Map<string, Rule>();
  const places = new Map<string, Entry<RuleDocument>>();
  for (const entry of entries) {
    if (findings.length > MOST_FINDINGS) break;
    const { id } = entry.value;
    const first = places.get(id);
    if (first !== undefined)
      findings.push(
        found(
          'policy.duplicate',
          `rules.${id}`,
          `The id ${id} is used at ${first.place.file}:${first.place.line} too.`,
          entry.place,
        ),
      );
    places.set(id, entry);
    const rule = buildRule(entry, definitions, findings);
    if (rule !== undefined) rules.set(id, rule);
  }
  return [...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The named parts of all files; a name that two files define is reported. */
function merged<T>(
  documents: readonly Checked[],
  section: 'roles' | 'captures',
  findings: Finding[],
): Map<string, Entry<T>> {
  const entries = new Map<string, Entry<T>>();
  for (const { value, located } of documents)
    for (const [key, item] of Object.entries(value[section] ?? {})) {
      const place = located.place([section, key]);
      const first = entries.get(key);
      if (first !== undefined)
        findings.push(
          found(
            'policy.duplicate',
            `${section}.${key}`,
            `${key} is defined at ${first.place.file}:${first.place.line} too.`,
            place,
          ),
        );
      else entries.set(key, { value: item as T, place });
    }
  return entries;
}
