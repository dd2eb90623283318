// C0 and C1 controls but for line feed, bidirectional controls, zero-width characters, line and paragraph separators.
const HIDDEN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Shows what a terminal would obey or hide as escapes: names come from strangers. The one escaper for humans. */
export function printable(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}

/** `printable` in one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
