/** Freezes a value to its depth; maps and sets are left as they are. */
export function frozen<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  if (value instanceof Map || value instanceof Set) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) frozen(item);
  return value;
}
