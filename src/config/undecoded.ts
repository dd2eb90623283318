/**
 * The line, from 1, of the first byte that was no UTF-8 when the text was read. What stands for it would be the name of nobody, and
 * nobody would notice.
 */
export function lineOfUndecoded(text: string): number | undefined {
  const at = text.indexOf('\ufffd');
  return at === -1 ? undefined : text.slice(0, at).split('\n').length;
}
