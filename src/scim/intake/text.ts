import { refuse } from '../../errors.ts';
import { instantOf } from '../instantOf.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';

const LONGEST = 4096;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const NOT_IN_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/**
 * Checks a text and gives it its canonical spelling; undefined where it stands for "unassigned".
 * The value itself never gets into an error. @throws ScimError SCIM_VALUE
 */
export function readText(definition: AttributeDefinition, value: unknown, dialect: Dialect): string | undefined {
  const { name, rules } = definition;
  if (typeof value !== 'string') throw refuse('SCIM_VALUE', { reason: `${name} is a ${definition.type}` });
  if (value === '' && (dialect.emptyStrings === 'unassigned' || definition.required)) {
    dialect.note('empty-text');
    return undefined;
  }
  const longest = rules.maxLength ?? LONGEST;
  if (value.length > longest) throw refuse('SCIM_VALUE', { reason: `${name} is longer than ${longest} characters` });
  if (!value.isWellFormed()) throw refuse('SCIM_VALUE', { reason: `${name} is not well-formed Unicode` });
  if ((rules.singleLine === true ? CONTROL : NOT_IN_TEXT).test(value))
    throw refuse('SCIM_VALUE', { reason: `${name} holds control characters` });
  if (definition.required && value.trim() === '') throw refuse('SCIM_VALUE', { reason: `${name} is blank` });
  if (definition.type === 'dateTime') return instant(name, value);
  if (definition.type === 'binary' && !/^[A-Za-z0-9+/_=\s-]*$/.test(value))
    throw refuse('SCIM_VALUE', { reason: `${name} is not Base64` });
  if (definition.caseExact) return value;
  const lower = value.toLowerCase();
  return definition.canonicalValues?.find((canonical) => canonical.toLowerCase() === lower) ?? value;
}

function instant(name: string, value: string): string {
  const found = instantOf(value);
  if (found === undefined) throw refuse('SCIM_VALUE', { reason: `${name} is not an RFC 3339 instant` });
  return found;
}
