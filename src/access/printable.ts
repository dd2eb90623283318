// Controls but for line feed, separators of lines and paragraphs, and whatever Unicode says is not to be shown: bidirectional controls,
// joiners, fillers, variation selectors, tags. Names that differ in these alone look alike.
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Shows what a terminal would obey or hide as escapes: names come from strangers. The one escaper for humans; JSON in words means the
 * same after it, for such characters stand in its texts alone.
 */
export function printable(text: string): string {
  return text.replace(HIDDEN, (character) =>
    character.split('').reduce((shown, unit) => `${shown}\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`, ''),
  );
}

/** `printable` in one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
