import type { z } from 'zod';
import type { Finding } from '../../access/finding.ts';
import { nearest } from '../../config/nearest.ts';
import { found } from '../finding.ts';
import { policyJsonSchema } from '../jsonSchema.ts';
import type { Located, PropertyPath } from './located.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** Findings of the schema, one after another: whoever has enough of them stops. */
export function* issueFindings(issues: readonly z.core.$ZodIssue[], document: Located): Generator<Finding> {
  for (const issue of issues)
    for (const { issue: inner, path } of settled(issue, [])) {
      if (inner.code === 'unrecognized_keys') {
        for (const key of inner.keys) yield unknownKey(document, path, key);
        continue;
      }
      const key = path.map(String).join('.');
      yield found('policy.invalid', key === '' ? '(document)' : key, `${reasonOf(inner)}.`, document.place(path));
    }
}

/** Goes into the option of a union that the writer meant: the one whose type fits and that is nearest to be right. */
function settled(issue: z.core.$ZodIssue, base: PropertyPath): { issue: z.core.$ZodIssue; path: PropertyPath }[] {
  const path = [...base, ...issue.path];
  if (issue.code !== 'invalid_union') return [{ issue, path }];
  const fitting = issue.errors.filter(
    (option) => !option.some((inner) => inner.path.length === 0 && isTypeIssue(inner)),
  );
  const best = fitting.toSorted((a, b) => a.length - b.length)[0];
  return best === undefined ? [{ issue, path }] : best.flatMap((inner) => settled(inner, path));
}

function isTypeIssue(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') return true;
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function unknownKey(document: Located, path: PropertyPath, key: string) {
  const near = nearest(key, knownKeys(schemaAt(path)));
  const hint = near === undefined ? '.' : `; did you mean ${near}?`;
  return found(
    'policy.unknown-key',
    [...path.map(String), key].join('.'),
    `Unknown key ${key}${hint}`,
    document.place([...path, key]),
  );
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return 'It is required';
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  const text = issue.message.replace(/^Invalid (option|input): /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const root: Schema = policyJsonSchema();

function schemaAt(path: PropertyPath): Schema | undefined {
  return path.reduce<Schema | undefined>(
    (schema, key) => (schema === undefined ? undefined : child(schema, key)),
    root,
  );
}

function child(schema: Schema, key: PropertyKey): Schema | undefined {
  if (typeof key === 'number' && schema.items !== undefined) return schema.items;
  const named = schema.properties?.[String(key)];
  if (named !== undefined) return named;
  if (typeof schema.additionalProperties === 'object') return schema.additionalProperties;
  return schema.anyOf?.map((option) => child(option, key)).find((option) => option !== undefined);
}

function knownKeys(schema: Schema | undefined): string[] {
  if (schema === undefined) return [];
  return [...Object.keys(schema.properties ?? {}), ...(schema.anyOf ?? []).flatMap(knownKeys)];
}
