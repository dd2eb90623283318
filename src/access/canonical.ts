import { createHmac, hash } from 'node:crypto';

/** JSON with sorted keys and no undefined: equal values give equal text. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${canonical(item)}`;
    return `[${text}]`;
  }
  for (const key of inOrder(Object.keys(value))) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonical(item)}`;
  }
  return `{${text}}`;
}

/** Keys that are put in order here: `sort` makes copies, which was a twentieth of the memory that a create takes. */
const FEW = 32;

/** By UTF-16 code units, in place. */
function inOrder(keys: string[]): string[] {
  if (keys.length > FEW) return keys.sort();
  for (let at = 1; at < keys.length; at++) {
    const key = keys[at]!;
    let before = at - 1;
    while (before >= 0 && keys[before]! > key) {
      keys[before + 1] = keys[before]!;
      before -= 1;
    }
    keys[before + 1] = key;
  }
  return keys;
}

/** SHA-256 of the canonical form, hex. */
export function digest(value: unknown): string {
  return hash('sha256', canonical(value), 'hex');
}

/** HMAC-SHA256 of the canonical form, hex. */
export function seal(key: Uint8Array, value: unknown): string {
  return sealText(key, canonical(value));
}

/** `seal` of what is in canonical form already. */
export function sealText(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
