import type { Dialect } from '../profiles/dialect.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';

/** Longer than any id, value and name together. */
const LONGEST = 4096;

/** Whether a value of `value` is a packed one: an object of JSON in a text, as Entra sends app roles. */
export function isPacked(definition: AttributeDefinition, value: unknown, dialect: Dialect): value is string {
  if (definition.rules.packed !== true || !dialect.packedValues) return false;
  return typeof value === 'string' && value.length <= LONGEST && /^\s*\{/.test(value);
}

/**
 * An element whose `value` is packed (`{"id":…,"value":"ci.admin","displayName":"CI Admin"}`), taken apart into value and display;
 * any other as it is. The id of the assignment is not kept: it names nothing that this service knows.
 */
export function unpacked(definition: AttributeDefinition, element: object, dialect: Dialect): object {
  const key = Object.keys(element).find((name) => name.toLowerCase() === 'value');
  const packed = key === undefined ? undefined : (element as Record<string, unknown>)[key];
  if (!isPacked(definition, packed, dialect)) return element;
  const inner = parsed(packed);
  if (inner === undefined || typeof inner.value !== 'string' || inner.value === '') return element;
  dialect.note('packed-value');
  const { displayName } = inner;
  const { [key!]: _, ...others } = element as Record<string, unknown>;
  return { ...(typeof displayName === 'string' ? { display: displayName } : {}), ...others, value: inner.value };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
