import { identity } from './identity.ts';
import { isPrimary } from './intake/primary.ts';
import type { Attributes } from './resource.ts';
import type { AttributeDefinition } from './schemas/attribute.ts';

/**
 * The values of a multi-valued attribute, each (type, value) once (RFC 7643 §2.4), in the place where it is first: it keeps what it
 * says, gets what only a later one says, and is the primary one if any of them is. `merged` is told where there was such a value.
 */
export function distinct<T>(definition: AttributeDefinition, values: readonly T[], merged: () => void): readonly T[] {
  if (values.length < 2) return values;
  const kept = new Map<string, T>();
  for (const value of values) {
    const key = identity(definition, asElement(definition, value));
    const first = kept.get(key);
    kept.set(key, first === undefined || definition.type !== 'complex' ? (first ?? value) : united(first, value));
  }
  if (kept.size === values.length) return values;
  merged();
  return [...kept.values()];
}

function asElement({ type }: AttributeDefinition, value: unknown): Attributes {
  return type === 'complex' ? (value as Attributes) : { value };
}

function united<T>(first: T, later: T): T {
  return { ...later, ...first, ...(isPrimary(first) || isPrimary(later) ? { primary: true } : {}) };
}
