import type { Dialect } from '../profiles/dialect.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';

/** Longer than any id, value and name together. */
const LONGEST = 4096;

/** Whether a value of `value` is a packed one: an object of JSON in a text, as Entra sends app roles. */
export function isPacked(
  { rules }: AttributeDefinition,
  value: unknown,
  { packedValues }: Pick<Dialect, 'packedValues'>,
): value is string {
  if (rules.packed !== true || !packedValues) return false;
  return typeof value === 'string' && value.length <= LONGEST && /^\s*\{/.test(value);
}

/**
 * An element whose `value` is packed (`{"id":…,"value":"ci.admin","displayName":"CI Admin"}`), taken apart into value and display;
 * any other as it is, but for a `displayName` in place of `display`, which is how the same mapping names it in a POST. The id of
 * the assignment is not kept: it names nothing that this service knows.
 */
export function unpacked(definition: AttributeDefinition, element: object, dialect: Dialect): object {
  if (definition.rules.packed !== true || !dialect.packedValues) return element;
  const key = Object.keys(element).find((name) => name.toLowerCase() === 'value');
  const packed = key === undefined ? undefined : (element as Record<string, unknown>)[key];
  if (!isPacked(definition, packed, dialect)) return labelled(element, dialect);
  const inner = parsed(packed);
  if (inner === undefined) return element;
  dialect.note('packed-value');
  const { displayName } = inner;
  const { [key!]: _, ...others } = element as Record<string, unknown>;
  return {
    ...(typeof displayName === 'string' ? { display: displayName } : {}),
    ...others,
    value: inner.value ?? null,
  };
}

function labelled(element: object, dialect: Dialect): object {
  const names = Object.keys(element);
  if (!('displayName' in element) || names.some((name) => name.toLowerCase() === 'display')) return element;
  dialect.note('packed-value');
  const { displayName: display, ...others } = element;
  return { ...others, display };
}

/** The value that a packed text holds, where the text is one: a filter may be about it. */
export function valueIn(
  definition: AttributeDefinition,
  text: string,
  dialect: Pick<Dialect, 'packedValues' | 'note'>,
): string {
  const { value } = (isPacked(definition, text, dialect) ? parsed(text) : undefined) ?? {};
  if (value === undefined) return text;
  dialect.note('packed-value');
  return value;
}

/** What is in the text. Default roles of an application have a name and no value. */
function parsed(text: string): { readonly value?: string; readonly displayName?: unknown } | undefined {
  try {
    const found: unknown = JSON.parse(text);
    if (found === null || typeof found !== 'object' || !('value' in found)) return undefined;
    const { value, ...others } = found;
    if (typeof value === 'string' && value !== '') return { ...others, value };
    const isNamed =
      (value === null || value === '') && 'displayName' in others && typeof others.displayName === 'string';
    return isNamed ? others : undefined;
  } catch {
    return undefined;
  }
}
