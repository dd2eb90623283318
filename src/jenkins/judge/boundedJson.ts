/**
 * Objects, lists and keys of one answer. Of each a parser makes something of its own: 64 MB of `{},` are 1.5 GB, and stop everything else
 * for half a minute. 100,000 roles, or 200,000 API tokens, stay below.
 */
const MOST = 1_000_000;

/** The value of a JSON text from a controller; undefined where it is none, or is made of more parts than any of its answers. */
export function boundedJson(text: string): unknown {
  if (text.length > MOST && partsOf(text) > MOST) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Counts no further than it has to. */
function partsOf(text: string): number {
  let parts = 0;
  for (let at = 0; at < text.length && parts <= MOST; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x7b || code === 0x5b || code === 0x3a) parts++;
  }
  return parts;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}
